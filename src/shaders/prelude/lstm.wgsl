// What the forward and the backward kernel of an LSTM share: its sizes and its stretch of time.
override ROWS: u32;
override UNITS: u32;
override INPUTS: u32;            // rows of the kernel and then the bias come before the recurrent kernel in the weights
override STEPS: u32;
override RETURN_SEQUENCES: u32;
override THREADS: u32;

// The steps one dispatch works through, in order of time: [first, first + count).
struct Stretch {
  first: u32,
  count: u32,
}
