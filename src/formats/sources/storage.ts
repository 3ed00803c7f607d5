import { ValueError } from '../../index.ts';
import { show } from '../reading.ts';
import { checkFile } from './source.ts';

/**
 * A place for one file, such as a model or the backup of a training. Whatever happens while a file is written, what is read
 * afterwards is either the file before or the new one, whole.
 */
export interface ModelStorage {
  /** @returns the file, or `undefined` if nothing is stored */
  read(): Promise<File | undefined>;
  /** Stores a file in place of the one before. @throws ValueError (as a rejection) if it is none */
  write(file: File): Promise<void>;
  /** Removes the file, if there is one. */
  delete(): Promise<void>;
}

/** @throws ValueError unless it is a storage */
export function checkStorage(where: string, storage: unknown): ModelStorage {
  const { read, write, delete: remove } = (storage ?? {}) as Partial<ModelStorage>;
  if ([read, write, remove].every((each) => typeof each === 'function')) return storage as ModelStorage;
  throw new ValueError(
    `${where}: got ${show(storage)}, expected a storage with read, write and delete, such as indexedDbStorage('training').`,
  );
}

/** @throws ValueError unless it is a text that is not empty */
export function checkPath(where: string, what: string, path: unknown): string {
  if (typeof path === 'string' && path !== '') return path;
  throw new ValueError(`${where}: got ${show(path)}, expected ${what}.`);
}

/** Keeps a file as long as the page or the process lives: for tests, and to go on after the loss of a device. */
export function memoryStorage(): ModelStorage {
  let stored: File | undefined;
  return {
    read: async () => stored,
    write: async (file) => {
      stored = checkFile('memoryStorage: write', file);
    },
    delete: async () => {
      stored = undefined;
    },
  };
}
