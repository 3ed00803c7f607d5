import type { ScheduleId } from '../contenders/ours.ts';
import { isTiming, type Row, timingOf } from '../measure/outcome.ts';
import type { Results } from './results.ts';
import { table } from './table.ts';
import { duration, ratio } from './words.ts';

/** Stacks of LSTM layers, layer by layer and as a wavefront. */
export function stacksSection({ date, rows }: Results['stacks']): string {
  const lines = rows.map((row) => {
    const [layered, wavefront] = [timingOf(row, 'layered'), timingOf(row, 'wavefront')];
    const compared = layered && wavefront ? ratio(wavefront.median / layered.median) : '–';
    return [row.work.title, cell(row, 'layered'), cell(row, 'wavefront'), compared];
  });
  const text = `lstm-webgpu with \`schedule: 'layered'\`, where one LSTM layer after the other goes through time, and with \`'wavefront'\`, where all layers
go through time together. Samples of both are taken in turn, and their results are compared. Measured on ${date}.`;
  return `${text}\n\n${table(['', 'layer by layer', 'wavefront', 'wavefront / layer by layer'], lines)}`;
}

function cell({ outcomes }: Row<ScheduleId>, schedule: ScheduleId): string {
  const outcome = outcomes.find(({ contender }) => contender === schedule);
  if (!outcome || !isTiming(outcome)) return 'failed';
  return `${duration(outcome.median)}${outcome.agreement?.agrees === false ? ' **differs**' : ''}`;
}
