import { describe, expect, test } from 'vitest';
import * as numbers from '../../demo/lab/numbers/data.ts';
import * as text from '../../demo/lab/text/data.ts';
import { type Notation, readState } from '../../demo/page/address.ts';
import * as clock from '../../demo/pictures/clock/data.ts';
import { readBatching, writeBatching } from '../../demo/pictures/hand-overs/address.ts';
import { BATCH_SIZES } from '../../demo/pictures/hand-overs/data.ts';
import * as tape from '../../demo/pictures/memory-tape/data.ts';
import * as post from '../../demo/pictures/post/data.ts';
import * as questions from '../../demo/pictures/questions/data.ts';
import * as seeds from '../../demo/pictures/seeds/data.ts';
import { readView, writeView } from '../../demo/pictures/window/data.ts';

/** A value of the address: states that the page can be in, and whether the controls of the page can make a state. */
interface Value {
  notation: Notation<unknown>;
  texts: readonly string[];
  isOffered: (state: never) => boolean;
}

function value<State>(
  notation: Notation<State>,
  texts: readonly string[],
  isOffered: (state: State) => boolean,
): Value {
  return { notation: notation as Notation<unknown>, texts, isOffered };
}

const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

const values: Record<string, Value> = {
  tape: value(
    tape.NOTATION,
    ['reset.1000.0-40.20.0', 'never.148.none.59.9'],
    ({ mode, seen, ones, step, cell }) =>
      tape.MODES.has(mode) &&
      isWhole(seen, 0, 1000) &&
      [step, ...ones].every((at) => isWhole(at, 0, tape.STEPS - 1)) &&
      isWhole(cell, 0, tape.CELLS - 1),
  ),
  window: value(
    { read: readView, write: writeView },
    ['10.1', '20.1.75', '1.20.s'],
    ({ length, start, guess }) =>
      isWhole(length, 1, 20) &&
      isWhole(start, 0, 20 - length) &&
      (typeof guess === 'string' || (guess >= 0.5 && guess <= 1)),
  ),
  'hand-overs': value(
    { read: readBatching, write: writeBatching },
    ['3.in-order.0', '4.interleaved.m000100100000', '6.shuffled.4.7'],
    ({ batchSize, seed }) => BATCH_SIZES.some((size) => size === batchSize) && isWhole(seed, 1, 2 ** 32 - 1),
  ),
  post: value(
    post.settingsNotation,
    ['19.0', '4294967295.1000'],
    ({ seed, epochs }) => isWhole(seed, 0, 2 ** 32 - 1) && isWhole(epochs, 0, post.MOST_EPOCHS),
  ),
  seeds: value(seeds.notation, ['all.15', 'reset.1'], ({ epoch }) => isWhole(epoch, 1, seeds.EPOCHS)),
  clock: value(
    clock.notation,
    ['1001.90.3', '0000.439.9'],
    ({ at, row }) => isWhole(at, 0, clock.STEPS - 1) && isWhole(row, 0, 9),
  ),
  questions: value(questions.notation, ['.100-20-1-4', 'nyyn.7-2-3-5'], ({ shapes }) =>
    Object.values(shapes).every((size) => isWhole(size as number, 0, 9_999_999)),
  ),
  numbers: value(
    numbers.settingsNotation,
    ['stateless.24.16.20.24', 'stateful.500.32.500.10000'],
    ({ units, ...settings }) =>
      numbers.UNITS.includes(units) &&
      (['window', 'epochs', 'season'] as const).every((name) =>
        isWhole(settings[name], numbers.RANGES[name][0], numbers.RANGES[name][1]),
      ),
  ),
  text: value(
    text.settingsNotation,
    ['64-0.7', '128-1.5', '32-0.2'],
    ({ units, temperature }) => text.UNITS.includes(units) && isWhole(Number((temperature * 10).toFixed(6)), 2, 15),
  ),
};

/** What stands at a place of the address in links that are mistyped, made up or older than the page. */
const HOSTILE = [
  '',
  '-1',
  '0',
  '1',
  '9',
  '24',
  '33',
  '501',
  '10001',
  '99999999999',
  '1e1',
  '0x10',
  '007',
  '1.5',
  'NaN',
];
const STRANGE = [...HOSTILE, 'Infinity', 'null', ' 1', '__proto__', 'constructor', 'Stateful', '%00', '½', '1_0'];

/** A text of the address with one of its parts replaced, or with one more. */
function spoilt(text: string): string[] {
  const parts = text.split(/([.-])/);
  const replaced = parts.flatMap((_, place) => STRANGE.map((strange) => parts.with(place, strange).join('')));
  const longer = STRANGE.flatMap((strange) => [`${text}.${strange}`, `${text}-${strange}`]);
  return [...new Set([...replaced, ...longer, ''])].filter((other) => other !== text);
}

describe.each(Object.entries(values))('the address of %s', (_name, { notation, texts, isOffered }) => {
  test.each(texts)('says %s', (text) => {
    const state = readState(notation, text);
    expect(isOffered(state as never)).toBe(true);
    expect(notation.write(state)).toBe(text);
  });

  test.each(texts)('with any part of %s spoilt makes no state that the controls cannot make', (text) => {
    const read = spoilt(text).map((spoilt) => [spoilt, readState(notation, spoilt)] as const);
    const strange = read.filter(([, state]) => state !== undefined && !isOffered(state as never));
    expect(strange).toEqual([]);
  });

  test('has one text for a state', () => {
    const read = texts.flatMap(spoilt).filter((text) => readState(notation, text) !== undefined);
    expect(read.map((text) => notation.write(readState(notation, text)))).toEqual(read);
  });
});
