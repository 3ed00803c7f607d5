import type { Gpu, Model, Stream, StreamSnapshot } from '../../index.ts';
import { buildModel, type LoadOptions } from '../build-model.ts';
import { checkModel, contentsOfModel } from '../contents-of-model.ts';
import type { ModelContents } from '../contents.ts';
import { JsonValue, knownOptions } from '../reading.ts';

/** A model with its open streams at one moment, as plain data. */
export interface ModelSnapshot {
  /** The layers, the weights, and all that a training needs to go on, for `rebuildModel` to read. */
  readonly contents: object;
  readonly streams: readonly StreamSnapshot[];
}

/** Options of `sequential` that a snapshot does not hold, and the model that it was made of. */
export interface RebuildOptions extends LoadOptions {
  /** The model whose device was lost: with it `rebuildModel` tells what was not saved, and leaves out streams closed since. */
  lost?: Model;
}

/** How much was done after a snapshot, and is lost. */
export interface NotSaved {
  /** Updates of training. */
  readonly updates: number;
  /** The streams that went on: by how many steps and resets. One that was opened since is not there any more. */
  readonly streams: readonly { name: string; steps: number; resets: number; isOpenedSince: boolean }[];
}

export interface RebuiltModel {
  readonly model: Model;
  /** The streams by name. */
  readonly streams: ReadonlyMap<string, Stream>;
  /** Absent if the lost model was not given. */
  readonly notSaved?: NotSaved;
}

/**
 * Takes down a model with its open streams as they are at this moment, for `rebuildModel`. While the model trains, that is
 * between two batches.
 *
 * @throws ValueError (as a rejection) if a part of the model cannot be put down
 */
export async function snapshotModel(model: Model): Promise<ModelSnapshot> {
  const where = 'snapshotModel';
  checkModel(where, model);
  const [contents, streams] = await Promise.all([contentsOfModel(where, model, { states: true }), model.saveStreams()]);
  return { contents, streams };
}

/**
 * Builds a model with its streams on another device, such as after `gpu.lost`, as they were when the snapshot was made. The
 * precision, the schedule and `slots.onEvict` are not in a snapshot, and are given anew.
 *
 * @throws ShapeError, ValueError, SnapshotError, SlotsFullError, LimitError, DeviceLostError (as rejections); then no model is
 * left
 */
export async function rebuildModel(
  gpu: Gpu,
  saved: ModelSnapshot,
  options: RebuildOptions = {},
): Promise<RebuiltModel> {
  const where = 'rebuildModel';
  knownOptions(where, options, ['batchSize', 'slots', 'schedule', 'precision', 'seed', 'lost']);
  const { lost, ...others } = options;
  if (lost !== undefined) checkModel(`${where}: lost`, lost);
  const all = new JsonValue(where, 'saved', saved);
  const [contents, snapshots] = [all.get('contents'), all.get('streams').list()];
  if (!contents.isObject) contents.fail('what snapshotModel() gives');
  const model = await buildModel(gpu, saved.contents as ModelContents, others);
  try {
    const isKept = ({ name }: StreamSnapshot) => !lost || lost.streams.some((stream) => stream.name === name);
    const kept = snapshots.map(({ value }) => value as StreamSnapshot).filter(isKept);
    // The weights are of the same moment.
    const streams = new Map(kept.map((each) => [each.name, model.restoreStream(each, { otherWeights: 'allow' })]));
    return { model, streams, ...(lost && { notSaved: notSavedOf(saved, lost) }) };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function notSavedOf({ contents, streams }: ModelSnapshot, lost: Model): NotSaved {
  const before = (contents as ModelContents).optimizerState?.iterations ?? 0;
  // A model that was compiled anew counts from zero.
  const updates = lost.iterations < before ? lost.iterations : lost.iterations - before;
  const saved = new Map(streams.map((stream) => [stream.name, stream]));
  const since = lost.streams.map(({ name, steps, resets }) => {
    const one = saved.get(name);
    return {
      name,
      steps: steps - (one?.steps ?? 0),
      resets: resets - (one?.resets ?? 0),
      isOpenedSince: !one,
    };
  });
  return { updates, streams: since.filter(({ steps, resets, isOpenedSince }) => steps || resets || isOpenedSince) };
}
