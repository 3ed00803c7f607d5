import { html } from '../../drawing/html.ts';
import { weightsOf, type Snapshot } from '../../network/weights.ts';
import { compilingWords } from '../../page/compiling-words.ts';
import { canTrain } from '../../page/webgpu.ts';
import { isBusy, runJob, Stopped } from '../../training/client.ts';
import type { TapeNews } from '../../training/jobs/tape.ts';

/** The task is learned within some 120 sequences. */
const LAST = 200;
/** The weights are shown after every so many sequences. */
const EVERY = 4;
const MOMENTS = Array.from({ length: LAST / EVERY + 1 }, (_, index) => index * EVERY);
/** A training may be over in an instant; its moments are shown no faster than one in this time. */
const SHOW_MS = 40;

const stillMotion = matchMedia('(prefers-reduced-motion: reduce)');

/** Shows a training. */
interface Screen {
  /** @param moments how many of them there will be */
  show(snapshots: readonly Snapshot[], moments: number): void;
  /** Goes back to the training that was recorded. */
  forget(): void;
}

/** The button that trains the network of the tape here and now; the tape shows it as it learns. */
export class TrainNow {
  readonly #start = html('button', { type: 'button' }, 'Train it now');
  readonly #stop = html('button', { type: 'button', hidden: true }, 'Stop');
  readonly #forget = html('button', { type: 'button', hidden: true }, 'Back to the recording');
  readonly #progress = html('progress', { max: LAST, value: 0, hidden: true, ariaLabel: 'Training of the tape' });
  readonly #status = html('span', { className: 'train-status', role: 'status' });
  readonly element = html(
    'div',
    { className: 'controls' },
    this.#start,
    this.#progress,
    this.#stop,
    this.#forget,
    this.#status,
  );
  #shown: readonly Snapshot[] = [];
  #waiting: readonly Snapshot[] = [];
  /** Whether the tape shows a training of this page, and not the recorded one. */
  #isOnScreen = false;
  #stopping = new AbortController();

  constructor(private readonly screen: Screen) {
    this.#start.addEventListener('click', () => void this.#train());
    this.#stop.addEventListener('click', () => this.#stopping.abort());
    this.#forget.addEventListener('click', () => {
      this.#start.focus();
      this.#forget.hidden = true;
      this.#isOnScreen = false;
      this.#status.textContent = '';
      screen.forget();
    });
    void canTrain().then((can) => {
      if (!can) this.element.replaceChildren(html('p', { className: 'quiet' }, WITHOUT_WEBGPU));
    });
  }

  async #train(): Promise<void> {
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    this.#shown = this.#waiting = [];
    this.#toggle(true);
    this.#status.textContent = isBusy() ? 'Waiting for another training …' : 'Loading the library …';
    let end: string | undefined;
    void this.#run(signal).then((sentence) => (end = sentence));
    while (end === undefined || (this.#waiting.length > 0 && !signal.aborted)) {
      await new Promise((resolve) => setTimeout(resolve, SHOW_MS));
      // Without motion only the end is shown.
      if (!stillMotion.matches) this.#showNext(1);
      else if (end !== undefined) this.#showNext(MOMENTS.length);
    }
    this.#toggle(false);
    this.#status.textContent = end;
  }

  /** @returns how it ended */
  async #run(signal: AbortSignal): Promise<string> {
    // Another network each time.
    const seed = Math.floor(Math.random() * 2 ** 32);
    try {
      const hear = (news: TapeNews): void => this.#hear(news);
      const { seconds } = await runJob('tape', { seed, after: MOMENTS }, { signal, hear });
      return `Trained here in ${seconds.toFixed(2)} s.`;
    } catch (error) {
      return error instanceof Stopped ? 'Stopped.' : `The training failed: ${(error as Error).message}`;
    }
  }

  #hear(news: TapeNews): void {
    if (news.snapshots) {
      const snapshots = news.snapshots.map(({ seen, numbers }) => ({ seen, weights: weightsOf(numbers) }));
      this.#waiting = [...this.#waiting, ...snapshots];
    } else if (news.compiling && this.#waiting.length + this.#shown.length <= 1) {
      this.#status.textContent = `Training: ${compilingWords(news.compiling)}`;
    }
  }

  #showNext(count: number): void {
    const next = this.#waiting.slice(0, count);
    if (next.length === 0) return;
    this.#waiting = this.#waiting.slice(count);
    this.#shown = [...this.#shown, ...next];
    const { seen } = next[next.length - 1];
    this.#progress.value = seen;
    if (seen > 0) this.#status.textContent = `Training: ${seen} of ${LAST} sequences`;
    this.#isOnScreen = true;
    this.screen.show(this.#shown, MOMENTS.length);
  }

  #toggle(isTraining: boolean): void {
    const hadFocus = this.element.contains(document.activeElement);
    this.#start.hidden = isTraining;
    this.#stop.hidden = this.#progress.hidden = !isTraining;
    this.#forget.hidden = isTraining || !this.#isOnScreen;
    this.#progress.value = 0;
    // The button that was pressed is gone, and the focus with it.
    if (hadFocus) (isTraining ? this.#stop : this.#start).focus({ preventScroll: true });
  }
}

const WITHOUT_WEBGPU = 'Training it takes WebGPU: what is missing here stands at the post’s experiments below.';
