import type { StreamSnapshot } from '../../index.ts';
import { checkStorage, type ModelStorage } from '../sources/storage.ts';
import { snapshotsFromBuffer, snapshotsToBuffer } from './snapshot-buffer.ts';

/**
 * Keeps snapshots of streams in a storage of their own, in place of those before: `indexedDbStorage('streams')`. What is read
 * afterwards is either all of the former ones or all of these.
 *
 * @throws ValueError, UnsupportedError (as rejections) as `snapshotsToBuffer` and the storage
 */
export async function writeSnapshots(storage: ModelStorage, snapshots: readonly StreamSnapshot[]): Promise<void> {
  const checked = checkStorage('writeSnapshots', storage);
  await checked.write(new File([snapshotsToBuffer(snapshots)], 'streams.snapshots'));
}

/**
 * Reads the snapshots that `writeSnapshots` wrote.
 *
 * @returns nothing if the storage is empty
 * @throws SnapshotError, ValueError, UnsupportedError (as rejections) as `snapshotsFromBuffer` and the storage
 */
export async function readSnapshots(storage: ModelStorage): Promise<StreamSnapshot[] | undefined> {
  const file = await checkStorage('readSnapshots', storage).read();
  return file && snapshotsFromBuffer(await file.arrayBuffer());
}
