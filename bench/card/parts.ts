/** What a card is asked, in this order: what matters most comes first, in case that the time runs out. */
export interface Part {
  name: string;
  title: string;
  /** After so many seconds its process is killed; of `DEFAULT_SECONDS` altogether. */
  seconds: number;
  /** The script in the folder that does it. */
  script: string;
}

export const DEFAULT_SECONDS = 480;

/** With `--quick`. */
export const QUICK_SECONDS = 240;

export const parts: readonly Part[] = [
  { name: 'environment', title: 'adapter, driver, limits, features', seconds: 15, script: 'inside.js' },
  { name: 'correctness', title: 'every kernel beside its float64 twin, twice', seconds: 140, script: 'inside.js' },
  { name: 'probes', title: 'dispatches, barriers, memory, multiply-adds', seconds: 45, script: 'part.js' },
  { name: 'works', title: 'the works of the benchmark, tuned', seconds: 130, script: 'part.js' },
  { name: 'rules', title: 'the same works, chosen by rule', seconds: 70, script: 'part.js' },
  { name: 'cudnn', title: 'the same works with cuDNN (PyTorch)', seconds: 80, script: 'part.js' },
];
