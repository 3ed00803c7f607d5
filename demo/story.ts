import { loadInto } from './page/load-into.ts';
import { mountHandOvers } from './pictures/hand-overs/events.ts';
import { mountMemoryTape } from './pictures/memory-tape/events.ts';
import { mountWindow } from './pictures/window/events.ts';

type Mount = (root: HTMLElement) => void | Promise<void>;

/** The pictures that are there at first sight, by the ids of their sections. */
const first: Record<string, Mount> = {
  tape: mountMemoryTape,
  window: mountWindow,
  'hand-overs': mountHandOvers,
};

/** Pictures further down, whose code is loaded once the first ones are there. */
const later: Record<string, () => Promise<Mount>> = {
  post: async () => (await import('./pictures/post/events.ts')).mountPost,
  seeds: async () => (await import('./pictures/seeds/events.ts')).mountSeeds,
  clock: async () => (await import('./pictures/clock/events.ts')).mountClock,
  questions: async () => (await import('./pictures/questions/events.ts')).mountQuestions,
};

const section = (id: string): HTMLElement => document.querySelector<HTMLElement>(`#${id}`)!;

for (const [id, mount] of Object.entries(first)) void mount(section(id));

addEventListener('load', () => {
  for (const [id, load] of Object.entries(later)) {
    const place = section(id).querySelector('.picture')!;
    void loadInto(place, 'This picture', load).then((mount) => mount(section(id)));
  }
});
