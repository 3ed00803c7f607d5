import { html } from '../../drawing/html.ts';
import { signedFigure } from '../../page/figures.ts';
import type { Place, Reading } from './data.ts';

/** The gates by the letters of the equations: what each does, and from where its bar starts. */
const GATES = [
  { letter: 'i', role: 'lets the candidate in', least: 0 },
  { letter: 'f', role: 'keeps the memory', least: 0 },
  { letter: 'g', role: 'the candidate', least: -1 },
  { letter: 'o', role: 'shows the memory', least: 0 },
] as const;

/** One cell at one step: its gates as bars, and how they make its new memory. */
export class CellCard {
  readonly #title = html('p', { className: 'card-title' });
  readonly #sum = html('p', { className: 'sum' });
  readonly #bars = GATES.map(() => ({ fill: html('span', { className: 'fill' }), value: html('span') }));
  /** Changes the number that the step reads. */
  readonly flip = html('button', { type: 'button' });
  readonly element = html(
    'div',
    { className: 'card' },
    this.#title,
    html('div', { className: 'gates' }, ...GATES.flatMap((gate, index) => this.#row(gate, index))),
    this.#sum,
    this.flip,
  );

  constructor() {
    this.#sum.ariaLive = 'polite';
  }

  show({ step, cell }: Place, reading: Reading): void {
    this.#title.textContent = `Step ${step + 1}, cell ${cell + 1}`;
    for (const [index, { letter, least }] of GATES.entries()) {
      const value = reading[letter][cell];
      const share = (to: number): number => (100 * (to - least)) / (1 - least);
      const { fill, value: text } = this.#bars[index];
      fill.style.left = `${share(Math.min(0, value))}%`;
      fill.style.width = `${share(Math.max(0, value)) - share(Math.min(0, value))}%`;
      fill.classList.toggle('negative', value < 0);
      text.textContent = signedFigure(value);
    }
    const [i, f, g, c, before] = [reading.i, reading.f, reading.g, reading.c, reading.before].map((all) => all[cell]);
    const signed = (value: number): string => (value < 0 ? `(${signedFigure(value)})` : signedFigure(value));
    const sum = `${signedFigure(f)} · ${signed(before)} + ${signedFigure(i)} · ${signed(g)} = ${signedFigure(c)}`;
    // A text that is set anew is read out anew.
    if (!this.#sum.textContent.endsWith(`= ${sum}`)) this.#sum.textContent = `c = f · c + i · g = ${sum}`;
    this.flip.textContent = `Let step ${step + 1} read a ${1 - reading.x}`;
  }

  #row({ letter, role, least }: (typeof GATES)[number], index: number): HTMLElement[] {
    const { fill, value } = this.#bars[index];
    return [
      html('span', {}, html('b', {}, letter), ` ${role}`),
      html('span', { className: least < 0 ? 'bar centred' : 'bar' }, fill),
      value,
    ];
  }
}
