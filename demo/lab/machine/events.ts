import { JobControl, type WorkContext } from '../../page/job-control.ts';
import { runJob } from '../../training/client.ts';
import type { MachineNews } from '../../training/jobs/machine.ts';
import { ProgramView } from '../program-view.ts';
import { MachineMarks } from './marks.ts';
import { machineProgram } from './program.ts';

/** The part of the lab that tells what computes here, and how fast. */
export function mountMachine(root: HTMLElement): JobControl<'measure'> {
  const part = <Part extends HTMLElement>(selector: string): Part => root.querySelector<Part>(selector)!;
  const marks = new MachineMarks(root);
  const control = new JobControl({ measure: 'Measure' }, measure);
  part('.run').append(control.element);
  new ProgramView(part('.program')).show(machineProgram);
  return control;

  async function measure({ signal, tell }: WorkContext): Promise<void> {
    let now = { name: 'what computes here', fraction: 0 };
    const hear = ({ measuring, compiling }: MachineNews): void => {
      if (measuring) now = measuring;
      const { name, fraction } = now;
      const isReady = !compiling || compiling.compiled === compiling.kernels;
      if (isReady) tell({ doing: `Measuring ${name} …`, fraction });
      else tell({ part: `Measuring ${name}`, fraction, compiling });
    };
    marks.draw(await runJob('machine', {}, { signal, hear }));
  }
}
