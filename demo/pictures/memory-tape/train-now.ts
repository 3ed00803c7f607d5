import { html } from '../../drawing/html.ts';
import { weightsOf, type Snapshot } from '../../network/weights.ts';
import { backButton } from '../../page/back-button.ts';
import { JobControl, type WorkContext } from '../../page/job-control.ts';
import { pause, wantsNoMotion } from '../../page/motion.ts';
import { canTrain } from '../../page/webgpu.ts';
import { runJob } from '../../training/client.ts';
import type { TapeNews } from '../../training/jobs/tape.ts';

/** The task is learned within some 120 sequences. */
const LAST = 200;
/** The weights are shown after every so many sequences. */
const EVERY = 4;
const MOMENTS = Array.from({ length: LAST / EVERY + 1 }, (_, index) => index * EVERY);
/** A training may be over in an instant; its moments are shown no faster than one in this time. */
const SHOW_MS = 40;

/** Shows a training. */
interface Screen {
  /** @param moments how many of them there will be */
  show(snapshots: readonly Snapshot[], moments: number): void;
  /** Goes back to the training that was recorded. */
  forget(): void;
}

/** The button that trains the network of the tape here and now; the tape shows it as it learns. */
export class TrainNow {
  readonly #control = new JobControl({ train: 'Train it now' }, (context) => this.#train(context));
  readonly element = this.#control.element;
  readonly #back = backButton(this.element, () => {
    this.#isOnScreen = false;
    this.#control.forget();
    this.screen.forget();
  });
  #shown: readonly Snapshot[] = [];
  #waiting: readonly Snapshot[] = [];
  /** Whether the tape shows a training of this page, and not the recorded one. */
  #isOnScreen = false;

  constructor(private readonly screen: Screen) {
    this.#control.starts.train.after(this.#back);
    void canTrain().then((can) => {
      if (!can) this.element.replaceChildren(html('p', { className: 'quiet' }, WITHOUT_WEBGPU));
    });
  }

  /** @returns how it ended */
  async #train({ signal, tell }: WorkContext): Promise<string> {
    this.#shown = this.#waiting = [];
    let isOver = false;
    const hear = (news: TapeNews): void => this.#hear(news, tell);
    // Another network each time.
    const seed = Math.floor(Math.random() * 2 ** 32);
    const training = runJob('tape', { seed, after: MOMENTS }, { signal, hear }).finally(() => (isOver = true));
    // A failure is told once all is shown that came before it.
    training.catch(() => {});
    while (!isOver || (this.#waiting.length > 0 && !signal.aborted)) {
      await pause(SHOW_MS);
      // Without motion only the end is shown.
      if (!wantsNoMotion()) this.#showNext(1, tell);
      else if (isOver) this.#showNext(MOMENTS.length, tell);
    }
    this.#back.hidden = !this.#isOnScreen;
    return `Trained here in ${(await training).seconds.toFixed(2)} s.`;
  }

  #hear({ snapshots, compiling }: TapeNews, tell: WorkContext['tell']): void {
    if (snapshots) {
      const read = snapshots.map(({ seen, numbers }) => ({ seen, weights: weightsOf(numbers) }));
      this.#waiting = [...this.#waiting, ...read];
    } else if (compiling && this.#waiting.length + this.#shown.length <= 1) {
      tell({ part: 'Training', compiling });
    }
  }

  #showNext(count: number, tell: WorkContext['tell']): void {
    const next = this.#waiting.slice(0, count);
    if (next.length === 0) return;
    this.#waiting = this.#waiting.slice(count);
    this.#shown = [...this.#shown, ...next];
    const { seen } = next[next.length - 1];
    if (seen > 0) tell({ part: 'Training', doing: `${seen} of ${LAST} sequences`, fraction: seen / LAST });
    this.#isOnScreen = true;
    this.screen.show(this.#shown, MOMENTS.length);
  }
}

const WITHOUT_WEBGPU =
  'Training needs WebGPU, which is missing here. What to do about it stands above the post’s experiments.';
