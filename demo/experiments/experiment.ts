/** The figures of an epoch: means over the train half while it trains, and over the test half after it. */
export interface EpochResult {
  loss: number;
  accuracy: number;
  testLoss: number;
  testAccuracy: number;
}

/** Figures to hold a result against: in words, and as numbers where an epoch has such numbers. */
export interface Figures extends Partial<EpochResult> {
  text: string;
}

export interface Variant {
  /** `null` where there is only one way to run the experiment. */
  id: string | null;
  title: string;
  /** Figures that are proved, beyond which no outcome can be. */
  bound: Figures;
}

/** How many of how many kernels have compiled. */
export interface Compiling {
  compiled: number;
  kernels: number;
}

/** How far a run is. Loss and accuracy are those of the epoch under way. */
export interface Progress {
  /** Done of the whole run, from 0 to 1. */
  fraction: number;
  /** Counted from 0. */
  epoch: number;
  epochs: number;
  /** Given while training waits for kernels. */
  compiling?: Compiling;
  loss?: number;
  accuracy?: number;
}

/** Something that a run must show. */
export interface Claim {
  /** The figure that is wanted, as in "test accuracy 1". */
  text: string;
  /** The figure that was found. */
  found: string;
  holds: boolean;
  /** Only training to the end can show it: a shortened run is not held to it. */
  fullRunOnly?: boolean;
}

/** An experiment without the code that runs it, so that a page can show it before it loads the library. */
export interface Experiment {
  id: string;
  title: string;
  /** Two sentences in plain words: what is done, and what to watch. */
  description: string;
  /** The figures that the post printed after its last epoch. */
  post: Figures;
  variants: readonly Variant[];
  /** 0 where nothing is trained. */
  defaultEpochs: number;
  /** The claims that the epochs of a run, one at least, must bear out. */
  claims?(epochs: readonly EpochResult[], variant: string | null): Claim[];
  /** Says what a run came to that is neither a failure nor too short. Without training there are no epochs. */
  finding(epochs: readonly EpochResult[], variant: string | null): string;
}

/** The record of one run, as the page shows it and the command writes it. */
export interface Result {
  id: string;
  variant: string | null;
  seed: number;
  epochs: EpochResult[];
  updates: number;
  seconds: number;
  expected: { post: Figures; bound: Figures };
  /** Begins with `pass`, `fail` or, where any outcome is right, `not judged`. */
  verdict: string;
  /** The same for people: what the run came to. */
  sentence: string;
}
