import { weightsOf, type Snapshot } from './weights.ts';

/** Weights at a moment of a training as they are recorded, in a few bytes. */
export interface RecordedMoment {
  /** How many sequences the network had been trained on. */
  seen: number;
  /** How much each weight differs from that of the moment before it in the record, in units of `UNIT`; at first, from 0. */
  difference: string;
}

/** A picture does not show a change of a weight by this much, and a number of two digits says most of them. */
const UNIT = 1 / 250;

export function writeRecord(moments: readonly { seen: number; numbers: readonly number[] }[]): RecordedMoment[] {
  const units = moments.map(({ numbers }) => numbers.map((number) => Math.round(number / UNIT)));
  return moments.map(({ seen }, moment) => ({
    seen,
    difference: units[moment].map((unit, index) => unit - (units[moment - 1]?.[index] ?? 0)).join(' '),
  }));
}

export function readRecord(record: readonly RecordedMoment[]): Snapshot[] {
  let units: readonly number[] = [];
  return record.map(({ seen, difference }) => {
    units = difference.split(' ').map((text, index) => (units[index] ?? 0) + Number(text));
    return { seen, weights: weightsOf(units.map((unit) => unit * UNIT)) };
  });
}
