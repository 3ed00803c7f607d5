export { saveModel, type SaveOptions } from './save-model.ts';
export { formatOf, loadModel, loadWeights } from './load-model.ts';
export type { LoadOptions } from './build-model.ts';
export type { FormatName } from './formats.ts';
export type { FileSource, ModelSource } from './sources/source.ts';
export { verifyModel, type RecordedBatch, type Verification } from './verify-model.ts';
export { memoryStorage, type ModelStorage } from './sources/storage.ts';
export { indexedDbStorage } from './sources/indexed-db.ts';
export { opfsStorage } from './sources/opfs.ts';
export { snapshotsFromBuffer, snapshotsToBuffer } from './streams/snapshot-buffer.ts';
export { readSnapshots, writeSnapshots } from './streams/snapshot-storage.ts';
export {
  rebuildModel,
  snapshotModel,
  type ModelSnapshot,
  type NotSaved,
  type RebuildOptions,
  type RebuiltModel,
} from './streams/rebuild-model.ts';
export { download } from './sources/download.ts';
export {
  modelCheckpoint,
  type ModelCheckpoint,
  type ModelCheckpointOptions,
  type ModelDestination,
} from './callbacks/model-checkpoint.ts';
export { backupAndRestore, type BackupAndRestoreOptions } from './callbacks/backup-and-restore.ts';
export type { SaveFrequency } from './callbacks/save-frequency.ts';
