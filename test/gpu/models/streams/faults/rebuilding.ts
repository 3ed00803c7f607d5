import { rebuildModel } from '../../../../../src/formats/index.ts';
import type { Gpu } from '../../../../../src/index.ts';
import { copyOf } from './plain-model.ts';
import { makeWith, Subject, type Taken } from './subject.ts';

/** Builds a model as it was when it was taken down. Streams that were closed since are left out if that is asked for. */
export async function rebuild(gpu: Gpu, lost: Subject, { saved, plain }: Taken): Promise<Subject> {
  const isLost = lost.options.seed % 2 === 0;
  return makeWith(lost.options, async (slots) => {
    const { model, streams } = await rebuildModel(gpu, saved!, { slots, ...(isLost && { lost: lost.model }) });
    const subject = new Subject(model, lost.kind, lost.options, await model.getWeights());
    const open = new Set(lost.model.streams.map(({ name }) => name));
    const expected = [...plain!.streams].filter(([name]) => !isLost || open.has(name));
    if (expected.map(([name]) => name).join() !== [...streams.keys()].join())
      throw new Error(`rebuildModel gave the streams ${[...streams.keys()].join()}`);
    for (const [name, state] of expected) subject.add(streams.get(name)!).state = copyOf(state);
    subject.plain.takeRows(plain!.rows);
    subject.plain.setWeights(plain!.weights);
    return subject;
  });
}
