import type { InspectedLayer } from '../../../../../src/index.ts';
import { pickOf, type Call } from './call.ts';
import { compare, compareOutputs } from './compare.ts';
import { readWeights } from './model-operations.ts';
import type { OpenStream } from './subject.ts';

export function inspect({ world, subject, pick }: Call): Promise<unknown> | void {
  const stream = pickOf(subject.open, pick);
  if (!stream) return;
  readWeights(world, subject);
  const act = () => stream.stream.inspect();
  return world.send(subject, 'stream.inspect', act, (layers) => checkLayers(stream, layers));
}

function checkLayers({ state, isTraced }: OpenStream, layers: readonly InspectedLayer[]): void {
  const indices = state.layers.flatMap((states, n) => (states.length > 0 ? [n] : []));
  if (layers.length !== indices.length) throw new Error(`it gave ${layers.length} layers, expected ${indices.length}`);
  layers.forEach(({ h, c, steps }, n) => {
    const states = state.layers[indices[n]];
    [h, c].slice(0, states.length).forEach((given, k) => compare(given!, states[k]));
    const traced = isTraced ? state.traced : undefined;
    if ((steps === undefined) !== (traced === undefined))
      throw new Error(`it gave ${steps ? 'steps' : 'no steps'} of the last push`);
    if (!steps) return;
    [steps.h, steps.c].slice(0, states.length).forEach((given, k) => {
      const expected = traced!.flatMap((ofLayers) => [...ofLayers[indices[n]][k]]);
      compareOutputs(given!.data, expected, given!.shape, [traced!.length, states[k].length]);
    });
  });
}
