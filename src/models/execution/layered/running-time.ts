import type { AdapterClass } from '../../../runtime/adapter.ts';
import { costModel } from '../../../runtime/autotune/cost-model.ts';

/**
 * How long the updates of a shape run on general kernels, by estimate, before kernels are compiled for it, so that a shape that
 * is used once or twice is never compiled for.
 */
const BASELINE_MS = 500;

/** The overhead of a submit on Chrome's software adapter, which is most of the time of a small step that is waited for. */
const SUBMIT_MS = 1;

/** How long the updates of a program have run, by estimate. */
export class RunningTime {
  #ms = 0;

  /** Adds a submit of updates. @returns whether kernels are to be compiled for their shape now */
  add(gpu: { adapterClass: AdapterClass }, work: number): boolean {
    this.#ms += SUBMIT_MS + work / costModel(gpu).throughput;
    return this.#ms >= BASELINE_MS;
  }
}
