import { describe } from 'vitest';
import { gpu } from './gpu.ts';

/** Tests for devices with half precision. On others they are skipped, and their name says so. */
export function describeHalf(name: string, tests: () => void): void {
  const why = gpu.hasFloat16 ? '' : ', skipped: this device has no shader-f16';
  describe.skipIf(!gpu.hasFloat16)(`${name}${why}`, () => {
    tests();
  });
}
