import { Chart } from './chart.ts';
import type { EpochResult, Experiment, Result, Variant } from './experiments/index.ts';
import type { Listener } from './experiments/run/index.ts';
import { figure, time, verdictWord } from './experiments/words.ts';

/** One experiment on the page: what it is, its buttons, and how its run goes. */
export class ExperimentCard {
  readonly element: HTMLElement;
  readonly #buttons: HTMLButtonElement[];
  #charts?: { loss: Chart; accuracy: Chart };
  #epochs = 0;

  constructor(
    readonly experiment: Experiment,
    events: { run(variant: Variant): void; stop(): void },
  ) {
    const template = document.querySelector<HTMLTemplateElement>('template#experiment')!;
    this.element = (template.content.cloneNode(true) as DocumentFragment).querySelector('article')!;
    const { id, title, description, variants } = experiment;
    this.element.id = id;
    this.#part('h2').textContent = title;
    this.#part('.description').textContent = description;
    this.#part('progress').setAttribute('aria-label', `${title}: progress`);
    this.#buttons = variants.map((variant) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = variant.id === null ? 'Run' : `Run ${variant.title}`;
      button.setAttribute('aria-label', `Run ${title} ${variant.title}`);
      button.addEventListener('click', () => events.run(variant));
      return button;
    });
    this.#part('.buttons').append(...this.#buttons);
    this.#part('.stop').addEventListener('click', () => events.stop());
    this.enabled = false;
  }

  /** Whether a run can be started now. */
  set enabled(enabled: boolean) {
    for (const button of this.#buttons) button.disabled = !enabled;
  }

  begin(variant: Variant, epochs: number): void {
    this.#epochs = 0;
    this.#part('.run').hidden = false;
    this.#part('.progress').hidden = false;
    this.#part<HTMLProgressElement>('progress').value = 0;
    this.#part('.status').textContent = 'Preparing …';
    this.#part('.verdict').textContent = '';
    // The button that was pressed is disabled now, and would take the focus with it.
    if (document.activeElement?.matches('body, :disabled')) this.#part('.stop').focus({ preventScroll: true });

    this.#charts?.loss.remove();
    this.#charts?.accuracy.remove();
    this.#charts = undefined;
    if (epochs === 0) return;
    const { bound } = variant;
    this.#charts = {
      loss: new Chart('Loss', epochs, bound.testLoss),
      accuracy: new Chart('Accuracy', epochs, bound.testAccuracy),
    };
    this.#part('.charts').append(this.#charts.loss.element, this.#charts.accuracy.element);
  }

  progress(progress: Parameters<Listener['onProgress']>[0]): void {
    const { fraction, epoch, epochs, compiling, loss, accuracy, remainingSeconds } = progress;
    this.#part<HTMLProgressElement>('progress').value = fraction;
    const parts = [`Epoch ${epoch + 1} of ${epochs}`];
    if (compiling) parts.push(`compiling kernels, ${compiling.compiled} of ${compiling.kernels} done`);
    if (loss !== undefined && accuracy !== undefined) {
      parts.push(`loss ${figure(loss)}, accuracy ${figure(accuracy)}`);
      this.#draw(fraction * epochs, epoch, { loss, accuracy });
    }
    if (remainingSeconds !== undefined) parts.push(`${time(remainingSeconds)} left`);
    this.#part('.status').textContent = parts.join(' · ');
  }

  epoch({ loss, accuracy, testLoss, testAccuracy }: EpochResult): void {
    this.#epochs++;
    this.#charts?.loss.add({ x: this.#epochs, train: loss, test: testLoss });
    this.#charts?.accuracy.add({ x: this.#epochs, train: accuracy, test: testAccuracy });
  }

  #draw(x: number, epoch: number, { loss, accuracy }: Pick<EpochResult, 'loss' | 'accuracy'>): void {
    // Means over the first few batches of an epoch are mere noise.
    if (x - epoch < 0.03) return;
    this.#charts?.loss.add({ x, train: loss });
    this.#charts?.accuracy.add({ x, train: accuracy });
  }

  end(result: Result): void {
    this.#part('.progress').hidden = true;
    this.#part('.status').textContent = `Took ${time(result.seconds)}`;
    const verdict = this.#part('.verdict');
    verdict.textContent = result.verdict;
    verdict.dataset.verdict = verdictWord(result);
  }

  #part<Part extends HTMLElement = HTMLElement>(selector: string): Part {
    return this.element.querySelector<Part>(selector)!;
  }
}
