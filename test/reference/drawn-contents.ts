import type { ArrayContents, LayerContents, ModelContents } from '../../src/formats/contents.ts';
import type { Numbers } from './arrays.ts';
import { biasSize, GATES, type CellName } from './cells.ts';
import type { DrawnLayer, DrawnModel, DrawnRecurrent } from './drawn-model.ts';

/** A drawn model with these weights, as a file would hold it. */
export function contentsOf(model: DrawnModel, weights: readonly Numbers[], steps: number | null): ModelContents {
  let width = model.features ?? 0;
  const shapes = model.layers.flatMap((layer) => {
    const [list, outputs] = weightShapes(layer, width);
    width = outputs;
    return list;
  });
  return {
    inputShape: model.features === undefined ? [steps] : [steps, model.features],
    layers: model.layers.map(layerContents),
    weights: shapes.map((shape, n): ArrayContents => ({
      name: `weight ${n}`,
      shape,
      data: Float32Array.from(weights[n]),
    })),
  };
}

function layerContents(layer: DrawnLayer, index: number): LayerContents {
  const name = `layer ${index}`;
  switch (layer.kind) {
    case 'bidirectional': {
      const inner = { type: layer.cell, options: { ...layer.options } };
      return { type: 'bidirectional', options: { layer: inner, mergeMode: layer.mergeMode, name } };
    }
    case 'activation':
      return { type: 'activation', options: { activation: layer.name, name } };
    case 'repeatVector':
      return { type: 'repeatVector', options: { n: layer.n, name } };
    case 'lastStep':
      return { type: 'lastStep', options: { name } };
    default:
      return { type: layer.kind, options: { ...layer.options, name } };
  }
}

/** The shapes of a layer's weights, and how many features it gives. */
function weightShapes(layer: DrawnLayer, width: number): [number[][], number] {
  switch (layer.kind) {
    case 'bidirectional': {
      const shapes = recurrentShapes(layer.cell, layer.options, width);
      return [[...shapes, ...shapes], (layer.mergeMode === 'concat' ? 2 : 1) * layer.options.units];
    }
    case 'dense': {
      const { units, useBias } = layer.options;
      return [[[width, units], ...(useBias ? [[units]] : [])], units];
    }
    case 'conv1d': {
      const { kernelSize, filters, useBias } = layer.options;
      return [[[kernelSize, width, filters], ...(useBias ? [[filters]] : [])], filters];
    }
    case 'embedding':
      return [[[layer.options.inputDim, layer.options.outputDim]], layer.options.outputDim];
    case 'lstm':
    case 'gru':
    case 'simpleRnn':
      return [recurrentShapes(layer.kind, layer.options, width), layer.options.units];
    default:
      return [[], width];
  }
}

function recurrentShapes(cell: CellName, { units, useBias, resetAfter }: DrawnRecurrent, width: number): number[][] {
  const columns = GATES[cell] * units;
  const biases = biasSize({ cell, resetAfter }, units) / columns;
  const bias = biases === 2 ? [2, columns] : [columns];
  return [[width, columns], [units, columns], ...(useBias ? [bias] : [])];
}
