import { UnsupportedError } from '../src/index.ts';
import { bench, type BenchSettings, type Measured } from './bench.ts';
import { peers } from './contenders/peers.ts';
import { firstCall } from './measure/first-call.ts';
import type { Listener } from './measure/measure-work.ts';
import type { Work } from './works/work.ts';

/** What the page reports while it measures, and at the end. */
export type Report =
  | { type: 'part'; name: string }
  | { type: 'phase'; phase: string }
  | { type: 'progress'; progress: Parameters<Listener['onProgress']>[0] }
  | { type: 'end'; measured: Measured }
  | { type: 'unsupported' }
  | { type: 'failure'; message: string };

declare global {
  interface Window {
    report(report: Report): Promise<void>;
    heapBytes(): Promise<number>;
    startBench(settings: BenchSettings): void;
    firstCall(work: Work): Promise<number>;
  }
}

window.firstCall = firstCall;

window.startBench = (settings) => {
  const measured = bench(
    settings,
    { peers, heapBytes: () => window.heapBytes() },
    {
      onPart: (name) => void window.report({ type: 'part', name }),
      onPhase: (phase) => void window.report({ type: 'phase', phase }),
      onProgress: (progress) => void window.report({ type: 'progress', progress }),
    },
  );
  void measured.then(
    (result) => window.report({ type: 'end', measured: result }),
    (error: Error) =>
      window.report(
        error instanceof UnsupportedError
          ? { type: 'unsupported' }
          : { type: 'failure', message: error.stack ?? error.message },
      ),
  );
};
