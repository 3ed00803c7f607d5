/** How the windows of a convolution lie among the steps of a sequence: options of `conv1d`. */
export interface Windows {
  readonly kernelSize: number;
  readonly strides?: number;
  readonly padding?: 'valid' | 'same' | 'causal';
  readonly dilationRate?: number;
}

/** The steps from the first one of a window to its last one, both counted. */
export function reachOf({ kernelSize, dilationRate = 1 }: Windows): number {
  return (kernelSize - 1) * dilationRate + 1;
}

/** How many steps a convolution makes of so many; fewer than one if they are less than one window. */
export function convolvedSteps(windows: Windows, steps: number): number {
  const { strides = 1, padding = 'valid' } = windows;
  return Math.ceil((padding === 'valid' ? steps - reachOf(windows) + 1 : steps) / strides);
}

/** Whether the output has as many steps as the input, however many these are. */
export function keepsSteps({ kernelSize, strides = 1, padding = 'valid' }: Windows): boolean {
  return strides === 1 && (padding !== 'valid' || kernelSize === 1);
}
