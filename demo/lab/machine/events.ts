import { fillTable } from '../../page/table-twin.ts';
import { compilingWords } from '../../page/compiling-words.ts';
import { runJob } from '../../training/client.ts';
import type { MachineNews } from '../../training/jobs/machine.ts';
import { ProgramView } from '../program-view.ts';
import { type Report, RunControls } from '../run-controls.ts';
import { adapterWords, kernelsTable, limitsTable, speedTable } from './data.ts';
import { machineProgram } from './program.ts';

/** The part of the lab that tells what computes here, and how fast. */
export function mountMachine(root: HTMLElement): void {
  const part = <Part extends HTMLElement>(selector: string): Part => root.querySelector<Part>(selector)!;
  const controls = new RunControls(part('.run'), (_name, signal, report) => measure(signal, report));
  controls.possible = ['measure'];
  new ProgramView(part('.program')).show(machineProgram);

  async function measure(signal: AbortSignal, report: Report): Promise<string> {
    let now = { name: 'what computes here', fraction: 0 };
    const hear = ({ measuring, compiling }: MachineNews): void => {
      if (measuring) now = measuring;
      const { name, fraction } = now;
      const isReady = !compiling || compiling.compiled === compiling.kernels;
      report(isReady ? `Measuring ${name} …` : `Measuring ${name}: ${compilingWords(compiling)}`, fraction);
    };
    const machine = await runJob('machine', {}, { signal, hear });
    part('.verdict').textContent = adapterWords(machine);
    fillTable(
      part('.speed'),
      speedTable(machine),
      'Updates, measured for a second each once all kernels had compiled.',
    );
    fillTable(part('.limits'), limitsTable(machine), 'Limits of this device that decide what fits.');
    fillTable(part('.kernels'), kernelsTable(machine), 'How each part of these networks is computed here, and why.');
    part('.measured').hidden = false;
    return '';
  }
}
