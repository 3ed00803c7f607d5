import { mountMachine } from './lab/machine/events.ts';
import { mountNumbers } from './lab/numbers/events.ts';
import { mountText } from './lab/text/events.ts';
import { obstacleWords } from './page/obstacle-words.ts';
import { obstacle } from './page/webgpu.ts';

const section = (id: string): HTMLElement => document.querySelector<HTMLElement>(`#${id}`)!;

mountNumbers(section('numbers'));
mountText(section('text'));
mountMachine(section('machine'));

// What trains is shown once it is known that it can, so that no button is dead.
void obstacle().then((found) => {
  for (const element of document.querySelectorAll<HTMLElement>('.needs-training')) element.hidden = found !== undefined;
  if (!found) return;
  const { what, advice } = obstacleWords(found, navigator.userAgent);
  const box = section('obstacle');
  box.querySelector('.what')!.textContent = what;
  box.querySelector('.advice')!.textContent = advice;
  box.hidden = false;
});
