import { contenderTitles } from '../contenders/names.ts';
import { isTiming, type Row } from '../measure/outcome.ts';

/** A sentence for each work that this library does not do fastest. */
export function losses(rows: readonly Row[]): string {
  const sentences = rows.flatMap(({ work, outcomes }) => {
    const timings = outcomes.filter(isTiming);
    const own = timings.find(({ contender }) => contender === 'ours');
    const faster = timings.filter(({ median }) => own && median < own.median).toSorted((a, b) => a.median - b.median);
    if (!own || faster.length === 0) return [];
    const list = faster.map(
      ({ contender, median }) => `${contenderTitles[contender]} ${(own.median / median).toPrecision(2)} times`,
    );
    return [`- ${work.title}: ${list.join(', ')} as fast as this library.`];
  });
  return sentences.length === 0 ? 'Nowhere in this table.' : sentences.join('\n');
}
