import { counted } from '../../experiments/words.ts';
import type { WriterProgress } from '../../training/jobs/writer.ts';
import { GrowingCurve } from '../growing-curve.ts';
import { ticksWithin } from '../ticks.ts';
import { axisEnd } from './data.ts';
import { surpriseByFrequency, type WriterPlan } from './plan.ts';

/** Pieces of writing that stay on the page. */
const KEPT = 6;

/** The writings of the network, the latest piece first, and the curve of its surprise. */
export class WriterMarks {
  readonly #pieces: HTMLElement;
  readonly #learning: HTMLElement;
  #current?: HTMLElement;
  #curve?: GrowingCurve;
  #drawn = 0;

  constructor(root: HTMLElement) {
    this.#pieces = root.querySelector<HTMLElement>('.pieces')!;
    this.#learning = root.querySelector<HTMLElement>('.learning')!;
  }

  /** Makes room for a network that knows nothing yet. */
  begin(text: string, { alphabet }: WriterPlan): void {
    this.#pieces.replaceChildren();
    this.#curve?.remove();
    this.#drawn = 0;
    this.#learning.hidden = false;
    const most = Math.log(alphabet + 2) * 1.05;
    const line = { text: 'knowing only how often each comes', place: 'above', color: '--quiet', dash: [4, 4] } as const;
    this.#curve = new GrowingCurve(this.#learning, {
      columns: ['readings', 'surprise'],
      caption: 'The surprise per character, in nats, over the readings of the text.',
      curve: { color: '--accent', width: 2 },
      y: { range: [0, most], ticks: ticksWithin([0, most]) },
      lines: [{ ...line, at: surpriseByFrequency(text) }],
    });
  }

  /** Begins a piece of writing under its own heading. */
  beginPiece({ readings }: WriterProgress): void {
    const heading = document.createElement('p');
    heading.className = 'when';
    heading.textContent = readings === 0 ? 'Before reading' : `After ${counted(readings, 'reading')}`;
    this.#current = document.createElement('p');
    this.#current.className = 'piece';
    const item = document.createElement('li');
    item.append(heading, this.#current);
    this.#pieces.prepend(item);
    while (this.#pieces.children.length > KEPT) this.#pieces.lastElementChild!.remove();
  }

  write(characters: string): void {
    this.#current?.append(characters);
  }

  addLoss({ readings, loss }: WriterProgress): void {
    if (loss === undefined || readings <= this.#drawn) return;
    this.#drawn = readings;
    void this.#curve?.add(readings, loss, axisEnd(readings));
  }
}
