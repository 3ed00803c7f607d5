import { experiments, type Result } from './experiments/index.ts';
import { figure, speed, time, verdictWord } from './experiments/words.ts';

/** The table of all runs: from the start with what is expected of each, and in time with what it came to. */
export class ResultsTable {
  readonly #rows = new Map<string, HTMLTableRowElement>();

  constructor(body: HTMLTableSectionElement) {
    for (const { id, post, variants } of experiments) {
      for (const variant of variants) {
        const row = body.insertRow();
        const name = document.createElement('th');
        name.scope = 'row';
        name.textContent = [id, variant.id ?? ''].join('\n');
        row.append(name);
        for (const text of ['', '', post.text, variant.bound.text, '', '']) row.insertCell().textContent = text;
        const [, train, test, , , verdict, effort] = row.cells;
        for (const cell of [train, test, effort]) cell.className = 'figures';
        verdict.className = 'verdict-cell';
        this.#rows.set(key(id, variant.id), row);
      }
    }
  }

  show(result: Result): void {
    const row = this.#rows.get(key(result.id, result.variant))!;
    const [, train, test, , , verdict, effort] = row.cells;
    const last = result.epochs.at(-1);
    train.textContent = last ? figures(last.loss, last.accuracy) : '';
    test.textContent = last ? figures(last.testLoss, last.testAccuracy) : '';
    verdict.textContent = result.verdict;
    verdict.dataset.verdict = verdictWord(result);
    effort.textContent = `${time(result.seconds)}\n${speed(result)}`;
  }
}

function key(id: string, variant: string | null): string {
  return `${id} ${variant}`;
}

function figures(loss: number, accuracy: number): string {
  return `loss ${figure(loss)}\naccuracy ${figure(accuracy)}`;
}
