import { expect } from 'vitest';
import type { LayerSteps } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import type { TwinSteps } from '../../../reference/layer-steps.ts';

const close = { atol: 4e-6, rtol: 4e-6, reason: 'float32 against float64, some steps' };

/** Fails unless the gates and states of all steps of a layer are those of its twin. */
export function expectSteps(actual: LayerSteps, twin: TwinSteps, what: string): void {
  expect(Object.keys(actual.gates)).toEqual(Object.keys(twin.gates));
  for (const [name, gate] of Object.entries(twin.gates)) {
    expectClose(actual.gates[name].data, gate, { ...close, what: `${what}, gate ${name}` });
  }
  expectClose(actual.h.data, twin.h, { ...close, what: `${what}, h` });
  expect(actual.c === undefined).toBe(twin.c === undefined);
  if (twin.c) expectClose(actual.c!.data, twin.c, { ...close, what: `${what}, c` });
}
