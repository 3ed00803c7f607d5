import { lstmAndHead, type array, type ModelSpec } from './make-model.ts';

type Numbers = ReturnType<typeof array>;

/** A model of sequences of four steps that keeps no states. */
export const stateless: ModelSpec = { inputShape: [4, 2], layers: lstmAndHead(5, false) };

export const pause = (ms = 1) => new Promise((resolve) => setTimeout(resolve, ms));

/** Samples and their targets. */
export interface Samples {
  x: Numbers;
  y: Numbers;
}

/** The rows from number `first` up to `end`. */
export function rowsOf({ data, shape }: Numbers, first: number, end = shape[0]): Numbers {
  const size = data.length / shape[0];
  const part = data.slice(first * size, end * size);
  return { data: part, shape: [part.length / size, ...shape.slice(1)] };
}

/** Samples cut into batches of so many rows. */
export function batchesOf({ x, y }: Samples, rows: number): [x: Numbers, y: Numbers][] {
  const [samples] = x.shape;
  return Array.from({ length: Math.ceil(samples / rows) }, (_, batch) => {
    const [first, end] = [batch * rows, Math.min(samples, (batch + 1) * rows)];
    return [rowsOf(x, first, end), rowsOf(y, first, end)];
  });
}

/** An iterator over these that notes how it ends. */
export function watched<B>(batches: readonly B[]) {
  const ends: string[] = [];
  let next = 0;
  const iterator = {
    next: (): IteratorResult<B, undefined> => {
      if (next < batches.length) return { done: false, value: batches[next++] };
      ends.push('done');
      return { done: true, value: undefined };
    },
    return: (): IteratorResult<B, undefined> => {
      ends.push('return');
      return { done: true, value: undefined };
    },
    [Symbol.iterator]: () => iterator,
  };
  return { iterator, ends, given: () => next };
}
