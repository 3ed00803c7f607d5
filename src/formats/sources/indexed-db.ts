import { UnsupportedError, ValueError } from '../../index.ts';
import { checkFile } from './source.ts';
import { checkPath, type ModelStorage } from './storage.ts';

const DATABASE = 'lstm-webgpu';
const STORE = 'files';

/** A file as the database holds it: its bytes, since some browsers store no Blobs in private windows. */
interface StoredFile {
  name: string;
  bytes: ArrayBuffer;
}

/**
 * Keeps a file in the browser's IndexedDB, in the database `lstm-webgpu`, under a name of its own. Pages of one origin share
 * it. A transaction holds all of the file or nothing of it.
 *
 * Its methods reject with UnsupportedError where there is no IndexedDB, and with ValueError if the browser refuses, such as for
 * want of room.
 *
 * @throws ValueError unless it is given a name
 */
export function indexedDbStorage(name: string): ModelStorage {
  const where = `indexedDbStorage(${JSON.stringify(name)})`;
  checkPath('indexedDbStorage', 'a name, e.g. "training"', name);
  const inStore = <T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>) => run(where, mode, act);
  return {
    async read() {
      const stored = await inStore('readonly', (store) => store.get(name) as IDBRequest<StoredFile | undefined>);
      return stored && new File([stored.bytes], stored.name);
    },
    async write(file) {
      const { name: own } = checkFile(`${where}: write`, file);
      const stored: StoredFile = { name: own, bytes: await file.arrayBuffer() };
      await inStore('readwrite', (store) => store.put(stored, name));
    },
    async delete() {
      await inStore('readwrite', (store) => store.delete(name));
    },
  };
}

/** Does one thing in a transaction of its own, and waits until that is complete. */
async function run<T>(
  where: string,
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  if (typeof indexedDB === 'undefined') {
    throw new UnsupportedError(`${where}: there is no IndexedDB here. In Node write files with node:fs.`);
  }
  try {
    const database = await open();
    try {
      const transaction = database.transaction(STORE, mode);
      const ended = completion(transaction);
      const request = act(transaction.objectStore(STORE));
      await ended;
      return request.result;
    } finally {
      database.close();
    }
  } catch (error) {
    throw new ValueError(`${where}: the browser refuses: ${(error as Error).message}`, { cause: error });
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => void request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error!);
  });
}

function completion(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('The transaction was aborted.'));
  });
}
