import { expect } from 'vitest';
import type { LstmWebGpuError } from '../../../../src/index.ts';
import { array, elementsOf } from './make-model.ts';

export type ErrorClass = new (message: string) => LstmWebGpuError;

/** What is done, the class of the error, and what its message must say: place, value, expectation, next step. */
export type Case<Call> = [what: string, call: Call, error: ErrorClass, says: string[]];

/** Fails unless the call throws or rejects with an error of this class that says all of this. */
export async function expectError(call: () => unknown, error: ErrorClass, says: string[]): Promise<void> {
  const thrown = await errorOf(call);
  expect(thrown).toBeInstanceOf(error);
  for (const part of says) expect(thrown.message).toContain(part);
}

/** Passes a value off as whatever the types ask for. */
export const anything = (value: unknown) => value as never;

/** An array of this shape with some numbers in it. */
export function ramp(...shape: number[]) {
  return array(
    Array.from({ length: elementsOf(shape) }, (_, index) => (index % 7) / 7),
    shape,
  );
}

async function errorOf(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('The call was accepted.');
}
