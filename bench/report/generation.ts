import { type Row, timingOf } from '../measure/outcome.ts';
import { losses } from './losses.ts';
import type { Results } from './results.ts';
import { timesTable } from './times.ts';
import { duration } from './words.ts';

/** Steps of streams that feed themselves, beside those of the others. */
export function generationSection({ date, rows }: NonNullable<Results['generation']>): string {
  return [
    explanation,
    timesTable(rows),
    rows.flatMap(ofCall).join('\n'),
    `Where others are faster:\n\n${losses(rows)}`,
    `Measured on ${date}.`,
  ].join('\n\n');
}

const explanation = `The time of one step of each of so many streams that feed themselves: a class is drawn from the softmax outputs, and is the next
input, one-hot. Here calls of \`stream.generate\` or \`model.generateAll\` make 1,000 steps on the GPU and give the classes; the time is a thousandth
of theirs. The others do a step a call, with the streams as the rows of a batch, and the outputs of each come to JavaScript, which draws the same
classes; states go through JavaScript with ONNX Runtime Web, and stay in the layer with TF.js. Their steps do not depend on how many
follow, so that those who are slow are timed over fewer.`;

/** What a whole call takes, and how many steps a second that makes. */
function ofCall(row: Row): string[] {
  const own = timingOf(row, 'ours');
  const { batch, stepsOfCall = 1 } = row.work;
  if (!own) return [];
  const streams = `${batch.toLocaleString('en')} stream${batch === 1 ? '' : 's'}`;
  const perSecond = Math.round((1000 * batch) / own.median).toLocaleString('en');
  const call = duration(stepsOfCall * own.median);
  const steps = stepsOfCall.toLocaleString('en');
  return [`- ${steps} steps of ${streams} take this library ${call}: ${perSecond} classes a second.`];
}
