/** Why the page cannot train here. */
export type Obstacle = 'insecure' | 'no WebGPU' | 'no adapter';

let found: Promise<Obstacle | undefined> | undefined;

/** Whether this browser lets the page train: it is asked once, and without loading the library. */
export async function canTrain(): Promise<boolean> {
  return (await obstacle()) === undefined;
}

/** Finds what stands in the way of training; `undefined` if nothing does. */
export function obstacle(): Promise<Obstacle | undefined> {
  return (found ??= look());
}

async function look(): Promise<Obstacle | undefined> {
  if (!isSecureContext) return 'insecure';
  // Browsers without WebGPU lack the property, which the types take for granted.
  const gpu = navigator.gpu as GPU | undefined;
  if (!gpu) return 'no WebGPU';
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter ? undefined : 'no adapter';
}
