import { counted } from '../../experiments/words.ts';
import {
  CONTINUATIONS,
  marksOf,
  nameOf,
  PIECES_IN_ALL,
  piecesInOrder,
  SEQUENCES,
  type Batching,
  type HandOver,
  type Tally,
} from './data.ts';

/** The words for a rule of resets, by the number of batches between two of them. */
export function ruleOf(batches: string): string {
  if (batches === 'by-hand') return 'by hand';
  if (batches === '0') return 'never';
  return batches === '1' ? 'every batch' : `every ${batches}`;
}

/** The call that gives the pieces to a model in this way, as a program has it. */
export function callOf(batching: Batching): string {
  const { batchSize, order, resets } = batching;
  const shuffle = order === 'shuffled' ? ["shuffle: 'force'"] : [];
  const samples = piecesInOrder({ ...batching, order: order === 'shuffled' ? 'in-order' : order }).map(nameOf);
  const comment = `// The samples of x are ${samples.join(' ')}${order === 'shuffled' ? ', drawn anew each epoch' : ''}.`;
  if (typeof resets === 'number') {
    const rule = resets > 0 ? [`resetStates: ${resets}`] : [];
    return `${comment}\nmodel.fit(x, y, { ${[`batchSize: ${batchSize}`, ...shuffle, ...rule].join(', ')} });`;
  }
  const lines = [`batchSize: ${batchSize},`, ...shuffle.map((option) => `${option},`), ...callbackOf(batching)];
  return `${comment}\nmodel.fit(x, y, {\n${lines.map((line) => `  ${line}\n`).join('')}});`;
}

/** The resets that were set one by one, as a callback makes them. */
function callbackOf(batching: Batching): string[] {
  const resets = byBatch(batching).flatMap((marks, batch) => {
    const rows = marks.flatMap((mark, row) => (mark === 1 ? [row] : []));
    if (rows.length === 0) return [];
    const which = rows.length === marks.length ? '' : `[${rows.join(', ')}]`;
    return [`      if (batch === ${batch}) model.resetStates(${which});`];
  });
  if (resets.length === 0) return [];
  return ['callbacks: [', '  {', '    onBatchBegin(batch, model) {', ...resets, '    },', '  },', '],'];
}

/**
 * The same resets as an option, a number for each sample; nothing where a rule says it, or where samples are shuffled, which
 * take their marks along.
 */
export function maskOf(batching: Batching): string | undefined {
  const { resets, order } = batching;
  if (typeof resets === 'number' || order === 'shuffled' || !resets.includes(1)) return undefined;
  const batches = byBatch(batching).map((marks) => marks.join(', '));
  return `resetStates: [${batches.join(batching.batchSize === 1 ? ', ' : ',  ')}]`;
}

function byBatch(batching: Batching): number[][] {
  const marks = marksOf(batching);
  const { batchSize } = batching;
  return Array.from({ length: PIECES_IN_ALL / batchSize }, (_, batch) =>
    marks.slice(batch * batchSize, (batch + 1) * batchSize),
  );
}

/** The sentence that counts. */
export function countsOf({ right, wrong, thrownAway }: Tally): string {
  return `${counted(right, 'right hand-over')}, ${wrong} wrong, ${memories(thrownAway)} thrown away.`;
}

const times = (count: number): string => ['never', 'once', 'twice'][count] ?? `${count} times`;
const memories = (count: number): string => (count === 1 ? '1 memory' : `${count} memories`);

/** The meaning of the counts. */
export function meaningOf({ right, wrong, elsewhere, thrownAway }: Tally): string {
  if (wrong > 0) {
    const within = wrong - elsewhere;
    const where = [
      ...(elsewhere > 0 ? [`${times(elsewhere)} the memory of one sequence lands in another`] : []),
      ...(within > 0 ? [`${times(within)} it lands in a later or an earlier piece of its own`] : []),
    ].join(', ');
    const sentence =
      elsewhere > 0 ? where : `${times(within)} a memory lands in another piece of its sequence than the next`;
    return `${sentence[0].toUpperCase()}${sentence.slice(1)}. The network cannot know, and no error tells you.`;
  }
  if (right === CONTINUATIONS) return 'Every piece goes on where the one before it ended: what stateful mode is for.';
  if (right === 0) return 'No piece knows of the one before it: a stateless network would learn the same.';
  const lost = CONTINUATIONS - right;
  const without = `${lost} of ${CONTINUATIONS} pieces start without the memory of the one before`;
  return thrownAway === lost ? `No memory goes astray, but ${without}, which a reset threw away.` : `${without}.`;
}

/** Says what happens between two epochs, when the picture begins again. */
export function nextEpochOf({ order, batchSize }: Batching, { nextEpoch }: Tally): string {
  if (order === 'shuffled') return 'Each epoch draws another order, so this is one of many.';
  if (nextEpoch === 0) return '';
  const rows = nextEpoch === 1 ? 'one row' : `${nextEpoch} rows`;
  const batches = PIECES_IN_ALL / batchSize;
  return (
    `From the second epoch on, batch 0 goes on from the last batch in ${rows}, where another piece ended. ` +
    `resetStates: ${batches} or 'epoch' prevents that.`
  );
}

/** Says what happens at one place. */
export function happeningOf(handOver: HandOver): string {
  const { batch, row, from, to, isRight, isReset, isNextEpoch, isDrawnAnew } = handOver;
  const place = `Row ${row}, before batch ${batch}`;
  const [giver, taker] = [nameOf(from), nameOf(to)];
  if (isNextEpoch && isDrawnAnew)
    return `${place}: ${isReset ? 'a reset. ' : ''}${taker} starts from nothing. Later epochs draw another order.`;
  if (isNextEpoch && isReset) return `${place}: a reset. In every epoch ${taker} starts from nothing.`;
  if (isNextEpoch) return `${place}: ${taker} starts from nothing in the first epoch, and from ${giver} in later ones.`;
  if (isReset && isRight) return `${place}: a reset throws away what ${taker} needs, the memory of ${giver}.`;
  if (isReset) return `${place}: a reset. ${taker} starts from nothing, not from ${giver}.`;
  if (isRight) return `${place}: ${taker} goes on where ${giver} ended. Right.`;
  if (from.sequence === to.sequence)
    return `${place}: ${taker} gets the memory of ${giver}. Wrong: it does not follow it.`;
  return `${place}: ${taker} gets the memory of ${giver}. Wrong: another sequence.`;
}

/** The whole picture in a sentence, for those who do not see it. */
export function describe({ batchSize }: Batching, counts: Tally): string {
  const batches = PIECES_IN_ALL / batchSize;
  return `Sequences ${SEQUENCES.join(', ')} in ${batches} batches of ${batchSize}: ${countsOf(counts)}`;
}
