import { createHash } from 'node:crypto';
import { requestGpu } from '../../src/index.ts';
import { ours, scheduled } from '../contenders/ours.ts';
import { allWorks } from '../works/index.ts';
import { weightShapes, type Inputs } from '../works/inputs.ts';
import { pushes } from '../works/pushes.ts';
import { stacks } from '../works/stacks.ts';
import type { Work } from '../works/work.ts';
import { recordingDevice, type Dispatch } from './recording-device.ts';

/** Classes of adapters that choose kernels by rule, and an adapter of each as it describes itself. */
export const CLASSES = {
  discrete: { vendor: 'nvidia', architecture: 'hopper', subgroupMinSize: 32, subgroupMaxSize: 32 },
  integrated: { vendor: 'apple', architecture: 'metal-3', subgroupMinSize: 32, subgroupMaxSize: 32 },
} as const;
export type CostClass = keyof typeof CLASSES;

/**
 * A published work in the schedule that is the first choice, or a stack of layers as a wavefront. Works that generate are not
 * among them: their kernel reads what it multiplies out of a table, which constants do not tell.
 */
export interface CostedWork {
  id: string;
  work: Work;
  schedule?: 'wavefront';
}

export const costedWorks: readonly CostedWork[] = [
  ...[...allWorks, ...stacks, ...pushes].map((work) => ({ id: work.id, work })),
  ...stacks.map((work) => ({ id: `${work.id}-wavefront`, work, schedule: 'wavefront' as const })),
];

/** Dispatches that differ in their frames alone, or in how much memory they are bound to. */
export interface Launch {
  /** A digest of kernel, grid, constants, code and turns. */
  digest: string;
  /** One from the middle, since the first and the last step of a sequence do less. */
  dispatch: Dispatch;
  count: number;
}

/** The dispatches of one piece of a work, as a device of a class that has measured nothing submits them. */
export async function launchesOf({ work, schedule }: CostedWork, ofClass: CostClass): Promise<Launch[]> {
  let submitted: Dispatch[] = [];
  const device = recordingDevice(CLASSES[ofClass], (dispatch) => submitted.push(dispatch));
  const gpu = await requestGpu({ device, tuning: 'off' });
  const contender = schedule ? scheduled(gpu, schedule) : ours(gpu);
  const task = await contender.prepare(work, zeroInputs(work));
  submitted = [];
  await task.run(work.updates ?? 1);
  const all = submitted;
  task.dispose();
  gpu.dispose();
  const groups = new Map<string, Dispatch[]>();
  for (const dispatch of all) {
    const digest = digestOf(dispatch);
    const group = groups.get(digest) ?? [];
    groups.set(digest, group);
    group.push(dispatch);
  }
  return [...groups].map(([digest, group]) => ({
    digest,
    dispatch: group[Math.floor(group.length / 2)],
    count: group.length,
  }));
}

/** Zeros instead of random numbers, on which no address depends. */
function zeroInputs(work: Work): Inputs {
  const { batch, steps, features } = work;
  const zeros = (length: number) => new Float32Array(length);
  return {
    weights: weightShapes(work).map((shape) => ({ shape, data: zeros(shape.reduce((all, size) => all * size, 1)) })),
    x: (batches) => zeros(batches * batch * steps * features),
    y: (batches) => zeros(batches * batch),
  };
}

/** A digest of what decides which addresses a dispatch has: comments, and the bytes of arrays, are left out. */
function digestOf(dispatch: Dispatch): string {
  const { kernel, grid, constants, code } = dispatch;
  const known =
    digests.get(code) ??
    hash(
      code
        .replaceAll(/\/\/.*$/gm, '')
        .replaceAll(/(array<\w+), \d+>/g, '$1>')
        .replaceAll(/\s+/g, ' '),
    );
  digests.set(code, known);
  return hash(JSON.stringify([kernel, grid, ownConstants(constants), turnsOf(dispatch), known]));
}

const digests = new Map<string, string>();
const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Constants without the bytes of arrays, which are named like bindings. */
export function ownConstants(constants: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(constants).filter(([name]) => name === name.toUpperCase()));
}

/** Time steps, or updates of models, that a dispatch works through one after the other. */
export function turnsOf({ kernel, bindings }: Dispatch): number {
  const [first, second] = new Uint32Array(bindings[0].contents?.slice(0, 8).buffer ?? new ArrayBuffer(8));
  if (kernel === 'resident-updates') return first;
  return /^lstm-(forward|backward)/.test(kernel) ? second : 1;
}
