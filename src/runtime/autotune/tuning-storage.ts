/** The best candidate of a task, as it is stored. */
export interface StoredBest {
  /** Name of the candidate. */
  name: string;
  /** Its multiply-adds per millisecond. */
  throughput: number;
  /** Digest of the sources with which it was measured. */
  kernels: string;
}

/** Stores the results of tuning beyond the page or the process, adapter by adapter. */
export interface TuningStorage {
  /** Reads the results that were saved under this key, or whatever else has come to lie there. */
  load(key: string): Promise<unknown>;
  /** Adds results to those that lie there: other pages and processes may have saved theirs meanwhile. */
  save(key: string, results: Record<string, StoredBest>): Promise<void>;
}

/** The part of Node's `process` that is used here; a page does not have its types. */
interface Node {
  env: Record<string, string | undefined>;
  /** Exists since Node 20.16. An import instead would fail in pages, which have no such modules. */
  getBuiltinModule?: <Name extends keyof NodeModules>(name: Name) => NodeModules[Name];
}

interface NodeModules {
  'node:fs/promises': {
    mkdir(folder: string, options: { recursive: true }): Promise<unknown>;
    readFile(file: string, encoding: 'utf8'): Promise<string>;
    rename(from: string, to: string): Promise<void>;
    rm(file: string, options: { force: boolean }): Promise<void>;
    writeFile(file: string, text: string): Promise<void>;
  };
  'node:os': { homedir(): string };
  'node:path': { join(...parts: string[]): string; isAbsolute(path: string): boolean };
}

/** The part of Deno that is used here; it has Node's `process` too. */
interface Deno {
  permissions: { query(permission: Permission): Promise<{ state: string }> };
}

type Permission =
  { name: 'env'; variable: string } | { name: 'sys'; kind: 'homedir' } | { name: 'read' | 'write'; path: string };

/** Name of the database and of the folder in the user's cache folder. */
const NAME = 'lstm-webgpu';

/** Version of the database, which goes up whenever its form changes. */
const DATABASE_VERSION = 2;

/**
 * IndexedDB in a page, a file in the user's cache folder in Node, nothing where neither is. In Deno, which would stop and
 * ask the user, the file counts only if the script was started with the permissions for it.
 */
export async function tuningStorage(): Promise<TuningStorage | undefined> {
  if (typeof indexedDB !== 'undefined') return databaseStorage;
  const { process: node, Deno: deno } = globalThis as { process?: Node; Deno?: Deno };
  if (!node?.getBuiltinModule) return undefined;
  const isGranted = async (permission: Permission) =>
    !deno || (await deno.permissions.query(permission)).state === 'granted';
  for (const variable of ['XDG_CACHE_HOME', 'HOME']) {
    if (!(await isGranted({ name: 'env', variable }))) return undefined;
  }
  if (!(await isGranted({ name: 'sys', kind: 'homedir' }))) return undefined;
  const file = nodeFile(node);
  for (const name of ['read', 'write'] as const) {
    if (!(await isGranted({ name, path: file.folder }))) return undefined;
  }
  return fileStorage(file);
}

const databaseStorage: TuningStorage = {
  load: (key) => inStore('readonly', (store) => settled(store.get(key))),
  save: (key, results) =>
    // In one transaction, so that no other page can write between.
    inStore('readwrite', async (store) => {
      await settled(store.put({ ...entriesOf(await settled(store.get(key))), ...results }, key));
    }),
};

const STORE = 'tuning';

async function inStore<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => Promise<T>): Promise<T> {
  const opening = indexedDB.open(NAME, DATABASE_VERSION);
  opening.onupgradeneeded = () => {
    // Results of another version have another form; they are measured again.
    for (const name of opening.result.objectStoreNames) opening.result.deleteObjectStore(name);
    opening.result.createObjectStore(STORE);
  };
  const database = (await settled(opening)) as IDBDatabase;
  try {
    return await act(database.transaction(STORE, mode).objectStore(STORE));
  } finally {
    database.close();
  }
}

function settled(request: IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error as Error);
  });
}

type NodeFile = ReturnType<typeof nodeFile>;

/** `$XDG_CACHE_HOME/lstm-webgpu/tuning.json`, by default below `~/.cache`. */
function nodeFile({ env, getBuiltinModule }: Node) {
  const path = getBuiltinModule!('node:path');
  const { XDG_CACHE_HOME: chosen = '' } = env;
  // The XDG base directory specification lets relative paths count as unset.
  const caches = path.isAbsolute(chosen) ? chosen : path.join(getBuiltinModule!('node:os').homedir(), '.cache');
  const folder = path.join(caches, NAME);
  return { fs: getBuiltinModule!('node:fs/promises'), folder, name: path.join(folder, 'tuning.json') };
}

function fileStorage({ fs, folder, name }: NodeFile): TuningStorage {
  /** The results of all adapters; none where the file is missing or holds something else. */
  async function readAll(): Promise<Record<string, unknown>> {
    const text = await fs.readFile(name, 'utf8').catch(() => '{}');
    try {
      return entriesOf(JSON.parse(text));
    } catch {
      return {};
    }
  }
  return {
    load: async (key) => (await readAll())[key],
    save: async (key, results) => {
      await fs.mkdir(folder, { recursive: true });
      const all = await readAll();
      const text = JSON.stringify({ ...all, [key]: { ...entriesOf(all[key]), ...results } }, null, 2);
      // Renamed into place, so that another process never reads half a file.
      const own = `${name}.${Math.random().toString(36).slice(2)}`;
      try {
        await fs.writeFile(own, text);
        await fs.rename(own, name);
      } finally {
        await fs.rm(own, { force: true });
      }
    },
  };
}

/** The entries of a plain object, or none where something else was stored. */
function entriesOf(stored: unknown): Record<string, unknown> {
  return typeof stored === 'object' && stored !== null && !Array.isArray(stored)
    ? (stored as Record<string, unknown>)
    : {};
}
