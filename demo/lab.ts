import { mountMachine } from './lab/machine/events.ts';
import { mountNumbers } from './lab/numbers/events.ts';
import { mountText } from './lab/text/events.ts';
import { adviceOn } from './page/advice.ts';
import { obstacle } from './page/webgpu.ts';

const section = (id: string): HTMLElement => document.querySelector<HTMLElement>(`#${id}`)!;

const controls = [mountNumbers(section('numbers')), mountText(section('text')), mountMachine(section('machine'))];
// The worker does one thing at a time, and a network that writes would do it for minutes: what is started stops the rest.
for (const control of controls) {
  control.onBegin = () => controls.filter((other) => other !== control).forEach((other) => other.stop());
}

const { dataset } = document.documentElement;
dataset.mounted = '';

// The place of what trains is kept until it is known whether anything can, so that no button is dead and nothing jumps.
void obstacle().then((found) => {
  dataset.asked = '';
  for (const element of document.querySelectorAll<HTMLElement>('.needs-training')) element.hidden = found !== undefined;
  if (!found) return;
  const { what, remedy } = adviceOn(found, navigator.userAgent);
  const box = section('obstacle');
  box.querySelector('.what')!.textContent = what;
  box.querySelector('.remedy')!.textContent = remedy;
  box.hidden = false;
});
