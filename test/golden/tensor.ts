/** An array in a recorded file: row-major, each number the shortest decimal that gives its float32 back. */
export interface GoldenTensor {
  shape: number[];
  data: number[];
}
