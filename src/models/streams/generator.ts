import type { Tensor } from '../../runtime/tensor.ts';
import type { ExplanationRow } from '../training/engine/program-cache.ts';
import type { GenerationPlan } from './generate-options.ts';
import type { Upload } from './upload.ts';

/** Streams that are to go on together, a row each. */
export interface GroupSpec {
  rows: number;
  kind: GenerationPlan['kind'];
  /** The most steps that one of them is to go on by. */
  steps: number;
}

/** Memory that all generations of a model use in turn. */
export interface GenerationMemory {
  draws: Upload;
  results: Upload;
  /** The table of layers that workgroups generate with. */
  layers: Upload;
  /** Tells how groups were generated, by what they generate and their rows. */
  explanations: Map<string, ExplanationRow>;
}

/** The memory that tells how the inputs of each row are made, and that takes their results. */
export interface GeneratorMemory extends Pick<GenerationMemory, 'layers'> {
  draws: Tensor;
  results: Tensor;
  /** Settles when the device has accepted memory that is made now. */
  accepted: Promise<void>;
}

/** How a group of streams is generated, and why. */
export interface GeneratorChoice {
  /** In one dispatch after the other, layer by layer, or inside workgroups, one for each stream. */
  decision: 'layered' | 'resident';
  why: string;
  make: (memory: GeneratorMemory) => Generator;
}

/** Generates steps of streams that go on together. */
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
