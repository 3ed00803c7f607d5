export { oneHot, type OneHotOptions } from './one-hot.ts';
export { sampleClass, type SampleClassOptions } from './sample-class.ts';
export { standardize, type Standardization } from './standardize.ts';
export { statefulBatches, type StatefulBatches, type StatefulBatchesOptions } from './stateful-batches.ts';
export {
  vocabulary,
  type EarlierVocabulary,
  type Split,
  type Vocabulary,
  type VocabularyOptions,
} from './vocabulary.ts';
export { windows, type Windows, type WindowsOptions } from './windows.ts';
export type { NumberInput, UnroundedArray } from './numbers.ts';
export type { Nested, NumberArray, NumberList, ShapedInput } from '../runtime/numbers.ts';
export type { Shape } from '../runtime/shape.ts';
