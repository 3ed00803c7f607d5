import { mountMachine } from './lab/machine/events.ts';
import { mountNumbers } from './lab/numbers/events.ts';
import { mountText } from './lab/text/events.ts';
import { tellObstacle } from './page/tell-obstacle.ts';

const section = (id: string): HTMLElement => document.querySelector<HTMLElement>(`#${id}`)!;

const controls = [mountNumbers(section('numbers')), mountText(section('text')), mountMachine(section('machine'))];
// The worker does one thing at a time, and a network that writes would do it for minutes: what is started stops the rest.
for (const control of controls) {
  control.onBegin = () => controls.filter((other) => other !== control).forEach((other) => other.stop());
}

document.documentElement.dataset.mounted = '';
void tellObstacle();
