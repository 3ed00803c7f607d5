import type { Where } from './where.ts';

/** Tells what computes here. */
export function machine({ gpu }: Where, _options: Record<string, never>): Promise<{ adapter: string }> {
  return Promise.resolve({ adapter: gpu.adapterName });
}
