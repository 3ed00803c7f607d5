import { DisposedError } from '../../../../../src/index.ts';
import { rng } from '../../../../harness/random.ts';
import type { Call, Perform } from './call.ts';
import * as generating from './generating.ts';
import * as gpuArrays from './gpu-arrays.ts';
import { inspect } from './inspecting.ts';
import * as models from './model-operations.ts';
import { pushWithoutMemory } from './no-memory.ts';
import * as saves from './saves.ts';
import * as streams from './stream-operations.ts';
import { pause, type World } from './world.ts';

/** A call of a kind, with what decides its details. */
export interface Operation {
  kind: OperationKind;
  /** Which model. */
  subject: number;
  /** Which of its streams, from the first or, if it is negative, from the last. */
  pick: number;
  steps: number;
  /** Of the numbers, and of everything else that is drawn. */
  seed: number;
  /** What is waited for before the next call. */
  wait: Wait;
}

/** Nothing; what runs before a microtask or a task of the page; the call's own result; the results of all calls. */
export type Wait = 'nothing' | 'microtask' | 'task' | 'result' | 'all';

/** How often each kind of call is made, and how. */
export const OPERATIONS = {
  push: { weight: 40, perform: streams.push },
  pushAll: { weight: 8, perform: streams.pushMany },
  open: { weight: 10, perform: streams.open },
  openMany: { weight: 1, perform: streams.openMany },
  pushEach: { weight: 5, perform: streams.pushEach },
  close: { weight: 6, perform: streams.close },
  reset: { weight: 6, perform: streams.reset },
  fork: { weight: 6, perform: streams.fork },
  process: { weight: 2, perform: streams.process },
  pushWrong: { weight: 3, perform: streams.pushWrong },
  pushAllWrong: { weight: 3, perform: streams.pushAllWrong },
  useClosed: { weight: 2, perform: streams.useClosed },
  refused: { weight: 2, perform: streams.refused },
  trainOnBatch: { weight: 3, perform: models.trainOnBatch },
  fit: { weight: 2, perform: (call: Call) => models.fit(call, inCallback) },
  evaluate: { weight: 2, perform: (call: Call) => models.evaluate(call, inCallback) },
  predict: { weight: 2, perform: models.predict },
  setWeights: { weight: 2, perform: models.setWeights },
  rowStates: { weight: 2, perform: models.rowStates },
  save: { weight: 3, perform: saves.save },
  saveStreams: { weight: 1, perform: saves.saveStreams },
  restore: { weight: 5, perform: saves.restore },
  restoreOther: { weight: 1, perform: saves.restoreOther },
  restoreWrong: { weight: 1, perform: saves.restoreWrong },
  takeDown: { weight: 1, perform: saves.takeDown },
  inspect: { weight: 3, perform: inspect },
  generate: { weight: 5, perform: generating.generate },
  generateAll: { weight: 2, perform: generating.generateAll },
  generateAborted: { weight: 1, perform: generating.generateAborted },
  generateWrong: { weight: 1, perform: generating.generateWrong },
  pushOnGpu: { weight: 5, perform: gpuArrays.pushOnGpu },
  pushAllOnGpu: { weight: 1, perform: gpuArrays.pushAllOnGpu },
  pushUnreadable: { weight: 1, perform: gpuArrays.pushUnreadable },
  pushWithoutMemory: { weight: 1, perform: pushWithoutMemory },
  disposeModel: { weight: 0.3, perform: disposeModel },
  endGpu: { weight: 0.1, perform: endGpu },
} satisfies Record<string, { weight: number; perform: Perform }>;

export type OperationKind = keyof typeof OPERATIONS;

/** What a callback may do with streams. */
const IN_CALLBACKS: readonly OperationKind[] = ['push', 'push', 'push', 'pushAll', 'open', 'close', 'reset', 'fork'];

/** What other calls would disturb: the order of chunks that an iterable gives among them would not be known. */
const ALONE: readonly OperationKind[] = ['process', 'pushWithoutMemory', 'restoreOther'];

/** So many calls of a model that has ended have to be refused before there is a new one. */
const CALLS_AFTER_END = 4;

/** Makes the calls of a run one after the other. */
export async function run(world: World, operations: readonly Operation[]): Promise<void> {
  for (const operation of operations) {
    const subject = world.subjects[operation.subject % world.subjects.length];
    if (subject.ended && subject.callsSinceEnd++ > CALLS_AFTER_END) {
      await world.revive(subject);
      continue;
    }
    const { perform } = OPERATIONS[operation.kind] as { perform: Perform };
    const result = perform({
      world,
      subject,
      pick: operation.pick,
      steps: operation.steps,
      random: rng(operation.seed),
    });
    if (operation.wait === 'result' || ALONE.includes(operation.kind)) await result;
    else if (operation.wait === 'microtask') await Promise.resolve();
    else if (operation.wait === 'task') await pause();
    else if (operation.wait === 'all') await world.settle();
  }
}

/** Makes a call between two batches. */
function inCallback(call: Call): void {
  const { random } = call;
  const kind = IN_CALLBACKS[random.integer(0, IN_CALLBACKS.length - 1)];
  const { perform } = OPERATIONS[kind] as { perform: Perform };
  void perform({ ...call, pick: random.integer(0, 99), steps: random.integer(1, 9) });
}

function disposeModel({ world, subject }: Call): void {
  if (subject.ended) return;
  world.calls++;
  subject.model.dispose();
  subject.end(DisposedError);
}

function endGpu({ world, random }: Call): void {
  if (world.isLong) world.endGpu(random.uniform(0, 1) < 0.7);
}
