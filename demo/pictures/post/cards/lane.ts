import { html } from '../../../drawing/html.ts';
import type { Result, Variant } from '../../../experiments/index.ts';
import { verdictWord } from '../../../experiments/words.ts';
import type { NamedCurve } from './chart.ts';
import { AccuracyOfRun } from '../data.ts';
import { curveSample } from './curve-sample.ts';
import { signOf } from '../words.ts';

/** One variant of an experiment on its card: the button that runs it, and what its run came to. */
export class Lane {
  readonly element: HTMLElement;
  readonly button = html('button', { type: 'button' });
  readonly #verdict = html('p', { className: 'verdict', role: 'status' });
  accuracy = new AccuracyOfRun();

  /** @param curve how the variant is drawn, where it is one of several in a chart */
  constructor(
    readonly variant: Variant,
    curve: NamedCurve | undefined,
    onRun: () => void,
  ) {
    this.button.addEventListener('click', onRun);
    const name = curve ? [html('p', { className: 'curve' }, curveSample(curve), curve.name)] : [];
    this.element = html('div', { className: 'lane' }, ...name, this.button, this.#verdict);
  }

  clear(): void {
    this.accuracy = new AccuracyOfRun();
    this.#verdict.replaceChildren();
  }

  /** @param remark what stands behind the sentence of the result */
  end(result: Result, remark: string): void {
    const sentence = html('span', { textContent: `${signOf(result)} ${result.sentence}` });
    this.#verdict.replaceChildren(sentence, html('small', { textContent: remark }));
    this.#verdict.dataset.verdict = verdictWord(result);
  }

  /** Says that a run broke down. */
  fail(message: string): void {
    this.#verdict.replaceChildren(html('span', { textContent: `✗ This could not run: ${message}` }));
    this.#verdict.dataset.verdict = 'fail';
  }
}
