import { type ContenderId, contenderTitles } from '../contenders/names.ts';
import { type Row, timingOf } from '../measure/outcome.ts';
import { contendersOf, timesTable } from './times.ts';
import type { Results } from './results.ts';
import { duration, ratio } from './words.ts';

/** Steps of streams beside those of the others, and from how many streams on a GPU pays. */
export function streamsSection({ date, rows, readback }: NonNullable<Results['streams']>): string {
  return [
    explanation,
    timesTable(rows),
    besideReadback(rows, readback.median),
    paysFrom(rows),
    `Measured on ${date}.`,
  ].join('\n\n');
}

const explanation = `One step of each of so many streams, with states of their own, from the call until all outputs are there: here \`stream.push\`, or
\`model.pushAll\` with an array for each stream, whose states stay on the GPU. The others compute the streams as the rows of a batch; their states go
through JavaScript with ONNX Runtime Web, and stay in the layer with TF.js.`;

function besideReadback(rows: readonly Row[], readback: number): string {
  const one = timingOf(
    rows.find(({ work }) => work.batch === 1),
    'ours',
  );
  const empty = `An empty dispatch and its result read back took ${duration(readback)} in the same run`;
  return one ? `${empty}, and a step of one stream ${ratio(one.median / readback)} that.` : `${empty}.`;
}

/** From how many streams on this library is faster than each of the others. */
function paysFrom(rows: readonly Row[]): string {
  const isFaster = (row: Row, id: ContenderId) =>
    (timingOf(row, 'ours')?.median ?? Infinity) < (timingOf(row, id)?.median ?? Infinity);
  const lines = contendersOf(rows)
    .filter((id) => id !== 'ours')
    .map((id) => {
      const lastSlower = rows.findLastIndex((row) => !isFaster(row, id));
      const first = rows[lastSlower + 1];
      const where = first ? `from ${first.work.batch.toLocaleString('en')} on` : 'with none of these numbers';
      return `- than ${contenderTitles[id]}: ${where}`;
    });
  return `Numbers of streams with which this library is faster:\n\n${lines.join('\n')}`;
}
