import type { Tensor } from '../../runtime/tensor.ts';
import type { ExplanationRow } from '../training/engine/program-cache.ts';
import type { Upload } from './upload.ts';

/** Memory that all generations of a model use in turn. */
export interface GenerationMemory {
  draws: Upload;
  results: Upload;
  /** The layers of a model that workgroups generate with. */
  layers: Upload;
  /** Notes how a group of streams is generated. */
  explain: (row: ExplanationRow) => void;
}

/** The memory that tells how the inputs of each row are made, and that takes their results. */
export interface GeneratorMemory extends Pick<GenerationMemory, 'layers'> {
  draws: Tensor;
  results: Tensor;
  /** Settles when the device has accepted memory that is made now. */
  accepted: Promise<void>;
}

/** Generates steps of streams that go on together, a row each. */
export interface Generator {
  /** Settles when its kernels have compiled. */
  readonly ready: Promise<unknown>;
  /** The work of a step of all rows, in multiply-adds. */
  readonly work: number;
  /** How many steps a dispatch runs at most. */
  readonly dispatchSteps: number;
  /** Writes what the next submit reads besides draws. @param slots those of its rows */
  begin(slots: readonly number[], accepted: Promise<void>): void;
  /** Encodes steps of all rows, which read their draws. */
  encode(pass: GPUComputePassEncoder, steps: number): void;
}
