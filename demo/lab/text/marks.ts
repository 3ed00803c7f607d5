import { counted } from '../../experiments/words.ts';
import type { WriterProgress } from '../../training/jobs/writer.ts';
import { GrowingCurve } from '../growing-curve.ts';
import { ticksWithin } from '../../drawing/ticks.ts';
import { axisEnd } from './data.ts';
import { surpriseByFrequency, type WriterPlan, type WriterSettings } from './plan.ts';

const OLD = 'The curve and the writings below are of the text and the units before. The next run clears them.';

/** Pieces of writing that stay on the page. */
const KEPT = 6;

/** The writings of the network, the latest piece first, and the curve of its surprise. */
export class WriterMarks {
  readonly #pieces: HTMLElement;
  readonly #learning: HTMLElement;
  readonly #old: HTMLElement;
  #current?: HTMLElement;
  #curve?: GrowingCurve;
  #drawn = 0;

  constructor(root: HTMLElement) {
    this.#pieces = root.querySelector<HTMLElement>('.pieces')!;
    this.#learning = root.querySelector<HTMLElement>('.learning')!;
    this.#old = root.querySelector<HTMLElement>('.old')!;
  }

  /** Says whether all that stands here is of another text or size than those that are chosen. */
  set isOld(isOld: boolean) {
    this.#old.textContent = isOld ? OLD : '';
  }

  /** Makes room for a network that knows nothing yet. */
  begin(text: string, { alphabet }: WriterPlan): void {
    this.#pieces.replaceChildren();
    this.#curve?.remove();
    this.#drawn = 0;
    this.isOld = false;
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

  /** Begins a piece of writing under its own heading, which tells the temperature, since that can be changed at any time. */
  beginPiece({ readings }: WriterProgress, { temperature }: WriterSettings): void {
    const heading = document.createElement('p');
    heading.className = 'when';
    const when = readings === 0 ? 'Before reading' : `After ${counted(readings, 'reading')}`;
    heading.textContent = `${when}, temperature ${temperature}`;
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
