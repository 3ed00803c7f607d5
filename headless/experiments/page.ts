import { experiments, type Result } from '../../demo/experiments/index.ts';
import { runExperiment, type RunOptions } from '../../demo/experiments/run/index.ts';
import { type Gpu, requestGpu, UnsupportedError } from '../../src/index.ts';

/** A report of the page: while a run goes on, or at its end. */
export type Report =
  | { type: 'progress'; progress: Parameters<RunOptions['onProgress']>[0] }
  | { type: 'epoch'; result: Parameters<RunOptions['onEpoch']>[0] }
  | { type: 'end'; result: Result };

/** The functions of the page that the command calls. */
export interface Remote {
  /** Opens the GPU and gives the name of its adapter; `undefined` where there is none. */
  open(): Promise<string | undefined>;
  /** Starts a run, which ends with an `end` report. */
  start(run: { id: string; variant: string | null; seed: number; epochs: number }): void;
}

declare global {
  interface Window {
    remote: Remote;
    report(report: Report): Promise<void>;
  }
}

let gpu: Gpu;

window.remote = {
  async open() {
    try {
      gpu = await requestGpu();
    } catch (error) {
      if (error instanceof UnsupportedError) return undefined;
      throw error;
    }
    return gpu.adapterName;
  },
  start({ id, ...settings }) {
    const experiment = experiments.find((known) => known.id === id);
    if (!experiment) throw new Error(`There is no experiment ${id}.`);
    const options: RunOptions = {
      gpu,
      ...settings,
      signal: new AbortController().signal,
      onProgress: (progress) => void window.report({ type: 'progress', progress }),
      onEpoch: (result) => void window.report({ type: 'epoch', result }),
    };
    void runExperiment(experiment, options).then((result) => window.report({ type: 'end', result }));
  },
};
