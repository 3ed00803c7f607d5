import { mountMachine } from './lab/machine/events.ts';
import { mountNumbers } from './lab/numbers/events.ts';
import { mountText } from './lab/text/events.ts';
import type { JobControl } from './page/job-control.ts';
import { loadInto } from './page/load-into.ts';
import { tellObstacle } from './page/tell-obstacle.ts';
import { workIn } from './training/client.ts';

workIn(() => new Worker(new URL('./training/lab-worker.ts', import.meta.url), { type: 'module' }));

type Control = Pick<JobControl<never>, 'stop' | 'onBegin'>;

const section = (id: string): HTMLElement => document.querySelector<HTMLElement>(`#${id}`)!;

const controls: Control[] = [];
/** The worker does one thing at a time, and a network that writes would do it for minutes: what is started stops the rest. */
function add(control: Control): void {
  controls.push(control);
  control.onBegin = () => controls.filter((other) => other !== control).forEach((other) => other.stop());
}

add(mountNumbers(section('numbers')));
add(mountText(section('text')));
add(mountMachine(section('machine')));

/** Parts further down, whose code is loaded once the first ones are there. */
const later: Record<string, () => Promise<(root: HTMLElement) => readonly Control[]>> = {
  streams: async () => (await import('./lab/streams/events.ts')).mountStreams,
  import: async () => (await import('./lab/import/events.ts')).mountImport,
  export: async () => (await import('./lab/export/events.ts')).mountExport,
};

addEventListener('load', () => {
  for (const [id, load] of Object.entries(later)) {
    const root = section(id);
    void loadInto(root, 'This part', load).then((mount) => {
      mount(root).forEach(add);
      root.dataset.mounted = '';
    });
  }
});

document.documentElement.dataset.mounted = '';
void tellObstacle();
