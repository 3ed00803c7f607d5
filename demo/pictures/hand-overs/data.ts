import { choose, random } from '../../experiments/data/random.ts';

export const SEQUENCES = ['A', 'B', 'C'] as const;
/** Pieces into which each sequence is cut. */
export const PIECES = 4;
export const PIECES_IN_ALL = SEQUENCES.length * PIECES;
/** Pieces that another one of their sequence comes before. */
export const CONTINUATIONS = PIECES_IN_ALL - SEQUENCES.length;
export const BATCH_SIZES = [1, 2, 3, 4, 6] as const;

export type Order = 'in-order' | 'interleaved' | 'shuffled';

/** How the pieces are given to a stateful network. */
export interface Batching {
  batchSize: number;
  order: Order;
  /** Decides about the shuffled order. */
  seed: number;
  /**
   * When states start from zero: before every n-th batch, 0 for never; or before each piece that has a 1, in the order in
   * which the pieces are given.
   */
  resets: number | readonly number[];
}

/** A piece of a sequence; both are counted from 0. */
export interface Piece {
  sequence: number;
  part: number;
}

/** A place where a state is handed over, or would be but for a reset: to a row of a batch from the same row before it. */
export interface HandOver {
  /** The index of the receiving piece, in the order in which the pieces are given. */
  index: number;
  batch: number;
  row: number;
  from: Piece;
  to: Piece;
  /** Whether the piece that receives continues the one that gives. */
  isRight: boolean;
  isReset: boolean;
  /** Whether it leads from the last batch to the first one, an epoch later. */
  isNextEpoch: boolean;
  /** Whether the next epoch has the pieces in another order. */
  isDrawnAnew: boolean;
}

/** A1, A2, and so on. */
export function nameOf({ sequence, part }: Piece): string {
  return `${SEQUENCES[sequence]}${part + 1}`;
}

/** The pieces in the order in which they are given: the first `batchSize` of them are the first batch. */
export function piecesInOrder({ order, seed }: Pick<Batching, 'order' | 'seed'>): Piece[] {
  const inOrder = Array.from({ length: PIECES_IN_ALL }, (_, index) => ({
    sequence: Math.floor(index / PIECES),
    part: index % PIECES,
  }));
  if (order === 'in-order') return inOrder;
  if (order === 'shuffled') return choose(PIECES_IN_ALL, PIECES_IN_ALL, random(seed)).map((index) => inOrder[index]);
  return inOrder.map((_, index) => ({
    sequence: index % SEQUENCES.length,
    part: Math.floor(index / SEQUENCES.length),
  }));
}

/** For each piece, in the order in which they are given, 1 if its row is reset before it. */
export function marksOf({ batchSize, resets }: Pick<Batching, 'batchSize' | 'resets'>): number[] {
  if (typeof resets !== 'number') return [...resets];
  return Array.from({ length: PIECES_IN_ALL }, (_, index) => {
    const batch = Math.floor(index / batchSize);
    return resets > 0 && batch % resets === 0 ? 1 : 0;
  });
}

export function handOversOf(batching: Batching): HandOver[] {
  const { batchSize } = batching;
  const pieces = piecesInOrder(batching);
  const marks = marksOf(batching);
  return pieces.map((to, index) => {
    const isNextEpoch = index < batchSize;
    const from = pieces[isNextEpoch ? PIECES_IN_ALL - batchSize + index : index - batchSize];
    return {
      index,
      batch: Math.floor(index / batchSize),
      row: index % batchSize,
      from,
      to,
      isRight: from.sequence === to.sequence && from.part + 1 === to.part,
      isReset: marks[index] === 1,
      isNextEpoch,
      isDrawnAnew: batching.order === 'shuffled',
    };
  });
}

/** Counts what becomes of the memories within an epoch. */
export interface Tally {
  right: number;
  wrong: number;
  /** Those of the wrong ones that lead into another sequence, and not only to another piece of the same one. */
  elsewhere: number;
  /** Resets between a piece and its continuation. */
  thrownAway: number;
  /** Rows that begin the next epoch with what the last batch of this one left. */
  nextEpoch: number;
}

export function tally(handOvers: readonly HandOver[]): Tally {
  const count = (counts: (handOver: HandOver) => boolean): number => handOvers.filter(counts).length;
  const isMade = ({ isReset, isNextEpoch }: HandOver): boolean => !isReset && !isNextEpoch;
  return {
    right: count((handOver) => isMade(handOver) && handOver.isRight),
    wrong: count((handOver) => isMade(handOver) && !handOver.isRight),
    elsewhere: count((handOver) => isMade(handOver) && handOver.from.sequence !== handOver.to.sequence),
    thrownAway: count(({ isReset, isNextEpoch, isRight }) => isReset && isRight && !isNextEpoch),
    nextEpoch: count(({ isReset, isNextEpoch }) => isNextEpoch && !isReset),
  };
}

/** Sets a reset before these pieces, or takes it away if all of them have one. */
export function toggled(batching: Batching, indices: readonly number[]): number[] {
  const marks = marksOf(batching);
  const value = indices.every((index) => marks[index] === 1) ? 0 : 1;
  for (const index of indices) marks[index] = value;
  return marks;
}
