import { elementCount, shapeText, type SampleShape } from '../../runtime/shape.ts';
import type { Layer, LayerDefinition } from './layers/layer.ts';

/** A layer of a model, as `model.layers` lists it. */
export interface LayerSummary {
  /** The name that the names of its weights begin with. */
  readonly name: string;
  /** The function that made it, such as `'lstm'`. */
  readonly type: string;
  /** The shape of its output without the batch, such as [units] or [timesteps, units]; `null` timesteps: any number. */
  readonly outputShape: SampleShape;
  /** How many weights it has. */
  readonly parameterCount: number;
  /** The options that it was given. Those left out have their defaults. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A model without its weights, as `JSON.stringify` writes it. */
export interface ModelSummary {
  /** The shape of one sample, without the batch. */
  readonly inputShape: SampleShape;
  /** How many sequences a stateful model keeps states for. */
  readonly batchSize?: number;
  /** How many streams it has slots for at first, and at most. */
  readonly slots?: { readonly initial: number; readonly max: number };
  readonly layers: readonly LayerSummary[];
  readonly parameterCount: number;
}

/** Describes a layer that was built from this definition. */
export function summaryOf({ name, outputShape, matrices }: Layer, { kind, options }: LayerDefinition): LayerSummary {
  const parts = matrices.flatMap((matrix) => matrix.parts);
  return {
    name,
    type: kind,
    outputShape: [...outputShape],
    parameterCount: parts.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    options: { ...options },
  };
}

/** The layers in one line: `[20, 1] → lstm [10] → dense [1]`. */
export function chainText(inputShape: SampleShape, layers: readonly LayerSummary[]): string {
  const outputs = layers.map(({ name, outputShape }) => `${name} ${shapeText(outputShape)}`);
  return [shapeText(inputShape), ...outputs].join(' → ');
}

/** The table of layers that Keras prints. */
export function tableText(layers: readonly LayerSummary[], parameterCount: number): string {
  const rows = [
    ['Layer (type)', 'Output shape', 'Parameters'],
    ...layers.map(({ name, type, outputShape, parameterCount: count }) => [
      `${name} (${type})`,
      shapeText(['samples', ...outputShape]),
      count.toLocaleString('en'),
    ]),
  ];
  const [names, shapes, counts] = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map(
    ([name, shape, count]) => `${name.padEnd(names)}   ${shape.padEnd(shapes)}   ${count.padStart(counts)}`,
  );
  const rule = '─'.repeat(lines[0].length);
  const bytes = parameterCount * Float32Array.BYTES_PER_ELEMENT;
  const total = `Total parameters: ${parameterCount.toLocaleString('en')} (${(bytes / 1024).toFixed(2)} KiB)`;
  return [lines[0], rule, ...lines.slice(1), rule, total].join('\n');
}
