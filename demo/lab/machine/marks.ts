import { fillTable } from '../../page/table-twin.ts';
import type { Machine } from '../../training/jobs/machine.ts';
import { adapterWords, kernelsTable, limitsTable, speedTable } from './data.ts';

/** Shows what was measured: a sentence about the adapter, and tables of its speed, its limits and its kernels. */
export class MachineMarks {
  readonly #verdict: HTMLElement;
  readonly #measured: HTMLElement;

  constructor(root: HTMLElement) {
    this.#verdict = root.querySelector<HTMLElement>('.verdict')!;
    this.#measured = root.querySelector<HTMLElement>('.measured')!;
  }

  draw(machine: Machine): void {
    this.#verdict.textContent = adapterWords(machine);
    const table = (name: string): HTMLTableElement => this.#measured.querySelector<HTMLTableElement>(name)!;
    fillTable(
      table('.speed'),
      speedTable(machine),
      'Updates: each kind was measured for a second, once its kernels had compiled.',
    );
    fillTable(table('.limits'), limitsTable(machine), 'Limits of this device that decide what fits.');
    fillTable(table('.kernels'), kernelsTable(machine), 'How each part of these networks is computed here, and why.');
    this.#measured.hidden = false;
  }
}
