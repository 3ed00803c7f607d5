import { ValueError } from '../../../index.ts';
import { JsonValue } from '../../reading.ts';
import { fieldOf, optionalField } from './objects.ts';
import { INPUT_LAYER, layerObjectOf } from './read-layer.ts';

/** The shape of a sample and the number of rows, from what the first layer tells of its input. */
export interface Input {
  readonly inputShape: readonly (number | null)[];
  readonly batchSize?: number;
}

/** The names under which shapes with the batch are found. */
const BATCH_SHAPES = ['batch_shape', 'batch_input_shape'];

/**
 * @param layers those of the model, in order
 * @param config the configuration of the model, which has a shape too if the model was built without an input layer
 * @throws ValueError if no shape is found, or one that no layer here takes
 */
export function inputOf(layers: readonly JsonValue[], config: JsonValue): Input {
  const [first] = layers;
  if (!first) throw new ValueError(`${config.where}: ${config.path} has no layers, expected at least one.`);
  const { className, config: options } = layerObjectOf(first);
  if (className === INPUT_LAYER) checkInputLayer(options);
  const field = BATCH_SHAPES.map((name) => optionalField(options, name)).find(Boolean);
  const built = config.isList ? undefined : optionalField(config, 'build_input_shape');
  const given = field ?? batched(options, className) ?? built;
  if (!given) {
    const where = className === INPUT_LAYER ? 'batch_shape' : 'batch_input_shape';
    return fieldOf(options, where).fail(
      'the shape of the input, [batch, timesteps, features]',
      'Build the model with keras.Input(shape) first, and save it again.',
    );
  }
  const [batch, ...inputShape] = given.list().map((size) => (size.isNull ? null : size.wholeNumber(1)));
  const mayBeUnknown = inputShape.every((size, axis) => size !== null || axis === 0);
  if (![1, 2].includes(inputShape.length) || !mayBeUnknown) {
    given.fail('[batch, timesteps, features], or [batch, timesteps] for an embedding, or [batch, features]');
  }
  return { inputShape, batchSize: batch ?? undefined };
}

/** A shape without the batch, as `input_shape`, or as Keras 1 has it, as numbers of their own. */
function batched(options: JsonValue, className: string): JsonValue | undefined {
  const shape = optionalField(options, 'input_shape');
  if (shape) return new JsonValue(shape.where, shape.path, [null, ...shape.list().map(({ value }) => value)]);
  const length = optionalField(options, 'input_length');
  if (className === 'Embedding') return new JsonValue(options.where, options.path, [null, length?.value ?? null]);
  const features = optionalField(options, 'input_dim');
  if (!features) return undefined;
  const isSequence = length !== undefined || !['Dense', 'Activation', 'Dropout', 'RepeatVector'].includes(className);
  const sizes = isSequence ? [null, length?.value ?? null, features.value] : [null, features.value];
  return new JsonValue(options.where, features.path, sizes);
}

/** An input is of whole numbers or float32, neither sparse nor ragged. */
function checkInputLayer(options: JsonValue): void {
  options.onlyKeys([
    ...BATCH_SHAPES,
    'batchInputShape',
    'dtype',
    'input_dtype',
    'sparse',
    'ragged',
    'optional',
    'name',
  ]);
  for (const name of ['sparse', 'ragged', 'optional']) optionalField(options, name)?.oneOf([false]);
  optionalField(options, 'dtype')?.oneOf(
    ['float32', 'int32', 'int64'],
    'Inputs are float32 here, or indices of an embedding.',
  );
}
