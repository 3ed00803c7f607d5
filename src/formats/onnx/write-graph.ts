import { ValueError } from '../../index.ts';
import type { Files, LayerContents, ModelContents } from '../contents.ts';
import { layerNames } from '../layer-names.ts';
import { GraphBuilder, type Passing } from './graph-builder.ts';
import { writeProto } from './proto.ts';
import { writeStates } from './states.ts';
import { recurrentOptions, writeLayer } from './write-layers.ts';

const IR_VERSION = 8;
const OPSET = 17;

/**
 * Writes a model as an ONNX graph, opset 17: input `input` [batch, timesteps, features], output `output`. An embedding as first
 * layer takes indices of type INT64. Last states are outputs named layer/h and layer/c where a layer returns them. A stateful
 * layer has its states as inputs layer/h/initial and outputs layer/h, [directions, batch, units], which whoever runs the graph
 * carries from batch to batch.
 *
 * A graph holds how outputs are computed. Not in it are initializers, penalties, constraints, dropout inside recurrent layers,
 * options of masks, and all that training remembers.
 *
 * @param where the call, which begins error messages
 * @param name the name of the file
 * @throws UnsupportedError, ShapeError, ValueError (as rejections) with the name of a layer that ONNX has no equal for
 */
export async function writeOnnx(where: string, contents: ModelContents, name: string): Promise<Files> {
  const { layers, inputShape, batchSize, weights } = contents;
  if (!weights) throw new ValueError(`${where}: the model has no weights, and an ONNX graph cannot be without them.`);
  const builder = new GraphBuilder(where, weights);
  const names = layerNames(layers);
  const stateful = layers.map((layer) => recurrentOptions(layer)?.stateful === true);
  const batch = stateful.includes(true) && batchSize !== undefined ? batchSize : 'batch';
  const takesIndices = layers[0]?.type === 'embedding';
  const sample = inputShape.map((size) => size ?? 'timesteps');
  const hasSteps = takesIndices || sample.length === 2;
  let passing: Passing = {
    name: 'input',
    batch,
    steps: hasSteps ? sample[0] : undefined,
    features: takesIndices ? 0 : inputShape.at(-1)!,
  };
  builder.input('input', [batch, ...sample], takesIndices);
  layers.forEach((layer, n) => (passing = writeLayer(builder, layer, names[n], passing)));
  builder.allWritten();
  builder.nodeOf({ input: [passing.name], output: ['output'], name: 'output', opType: 'Identity' }, {});
  builder.output('output', [batch, ...(passing.steps === undefined ? [] : [passing.steps]), passing.features]);
  const isReturned = (layer: LayerContents) => recurrentOptions(layer)?.returnState === true;
  const file = await writeProto(where, {
    irVersion: IR_VERSION,
    producerName: 'lstm-webgpu',
    graph: builder.graph('model'),
    opsetImport: [{ domain: '', version: OPSET }],
    metadataProps: writeStates({
      stateful: names.filter((_, n) => stateful[n]),
      returnState: names.filter((_, n) => stateful[n] && isReturned(layers[n])),
    }),
  });
  return new Map([[name, file]]);
}
