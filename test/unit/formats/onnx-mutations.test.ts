import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LstmWebGpuError } from '../../../src/index.ts';
import type { ModelContents } from '../../../src/formats/contents.ts';
import { readOnnx } from '../../../src/formats/onnx/read-graph.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { ONNX_RUNS } from './fixtures.ts';
import { MUTATIONS } from './mutations.ts';

/** A file with one thing changed: a bit, a byte, its end cut off, or a piece removed, doubled or moved in. */
function mutated(random: ReturnType<typeof rng>, file: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = [...file];
  const at = random.integer(0, bytes.length - 1);
  const length = random.integer(1, 9);
  switch (random.integer(0, 4)) {
    case 0:
      bytes[at] ^= 1 << random.integer(0, 7);
      break;
    case 1:
      bytes[at] = random.integer(0, 255);
      break;
    case 2:
      bytes.length = at;
      break;
    case 3:
      bytes.splice(at, length);
      break;
    default:
      bytes.splice(at, 0, ...bytes.slice(at, at + length));
  }
  return Uint8Array.from(bytes);
}

/** Options that tell which outputs the graph has: a damaged entry of one is a field that protobuf passes over. */
const OUTPUTS = /,?"(returnSequences|returnState|zeroOutputForMask)":(true|false)/g;

/**
 * All but the numbers of the weights, names, which outputs there are, and how many steps, since a damaged size of a dimension
 * is a dimension of any size.
 */
const structure = ({ weights, layers, inputShape, ...rest }: ModelContents) =>
  JSON.stringify([rest, inputShape.slice(1), layers, weights!.map(({ shape }) => shape)])
    .replaceAll(/,?"name":"[^"]*"/g, '')
    .replaceAll(OUTPUTS, '');

/** The bytes of all weights. */
const numbers = ({ weights }: ModelContents) => weights!.flatMap(({ data }) => [...new Uint32Array(data.buffer)]);

/** How many weights differ. */
function changedCount(a: ModelContents, b: ModelContents): number {
  const [before, after] = [numbers(a), numbers(b)];
  return before.filter((bits, n) => bits !== after[n]).length;
}

/** What reading a file gives: its contents, or the error. */
async function outcome(file: Uint8Array<ArrayBuffer>): Promise<ModelContents | Error> {
  try {
    return await readOnnx('mutated', file);
  } catch (error) {
    return error as Error;
  }
}

test.each(ONNX_RUNS)(
  '%s with a random change is refused, or it is the same model, or a number of it has changed',
  async (name) => {
    const file = new Uint8Array(readFileSync(new URL(`../../golden/files/${name}.onnx`, import.meta.url)));
    const original = await readOnnx(name, file);
    const random = rng(randomSeed());
    const outcomes = [];
    for (let n = 0; n < 3 * MUTATIONS; n++) outcomes.push(await outcome(mutated(random, file)));
    const errors = outcomes.filter((one) => one instanceof Error);
    const models = outcomes.filter((one): one is ModelContents => !(one instanceof Error));
    expect(errors.filter((error) => !(error instanceof LstmWebGpuError))).toEqual([]);
    expect(errors.filter(({ message }) => message.length > 700)).toEqual([]);
    expect(errors.length).toBeGreaterThan((3 * MUTATIONS) / 4);
    for (const model of models) {
      expect(structure(model)).toBe(structure(original));
      expect([null, original.inputShape[0]]).toContain(model.inputShape[0]);
      // A piece moved within the raw numbers changes up to three of them and more where it shifts those behind it.
      expect(changedCount(original, model)).toBeLessThan(4);
    }
  },
);
