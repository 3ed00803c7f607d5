/** The name of a way that won, and how many multiply-adds it does in a millisecond. */
export interface KeptWinner {
  name: string;
  pace: number;
}

/** Where winners outlive the page or the process, adapter by adapter. */
export interface WinnerMemory {
  /** What was last saved under this key, or whatever else has come to lie there. */
  load(key: string): Promise<unknown>;
  save(key: string, winners: Record<string, KeptWinner>): Promise<void>;
}

/** What is needed of Node, whose types a page does not have. */
interface Node {
  env: Record<string, string | undefined>;
  /** Since 20.16; an import would trouble pages, which have no such modules. */
  getBuiltinModule?: <Name extends keyof NodeModules>(name: Name) => NodeModules[Name];
}

interface NodeModules {
  'node:fs/promises': {
    mkdir(folder: string, options: { recursive: true }): Promise<unknown>;
    readFile(file: string, encoding: 'utf8'): Promise<string>;
    writeFile(file: string, text: string): Promise<void>;
  };
  'node:os': { homedir(): string };
  'node:path': { join(...parts: string[]): string };
}

/** What is needed of Deno, which has Node's `process` too. */
interface Deno {
  permissions: { query(permission: Permission): Promise<{ state: string }> };
}

type Permission =
  { name: 'env'; variable: string } | { name: 'sys'; kind: 'homedir' } | { name: 'read' | 'write'; path: string };

/** One more whenever kernels change so much that old winners may be wrong. */
const EDITION = 1;

const NAME = 'lstm-webgpu';

/**
 * IndexedDB in a page, a file in the user's cache folder in Node, nothing where neither is. In Deno, which would stop and
 * ask the user, the file counts only if the script was started with the permissions for it.
 */
export async function winnerMemory(): Promise<WinnerMemory | undefined> {
  if (typeof indexedDB !== 'undefined') return databaseMemory;
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
  return fileMemory(file);
}

const databaseMemory: WinnerMemory = {
  load: (key) => inStore('readonly', (store) => store.get(key)),
  save: async (key, winners) => {
    await inStore('readwrite', (store) => store.put(winners, key));
  },
};

const STORE = 'winners';

async function inStore(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const opening = indexedDB.open(NAME, EDITION);
  opening.onupgradeneeded = () => {
    // Winners of another edition count no longer.
    for (const name of opening.result.objectStoreNames) opening.result.deleteObjectStore(name);
    opening.result.createObjectStore(STORE);
  };
  const database = (await settled(opening)) as IDBDatabase;
  try {
    return await settled(act(database.transaction(STORE, mode).objectStore(STORE)));
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

/** `$XDG_CACHE_HOME/lstm-webgpu/winners-1.json`, by default below `~/.cache`. */
function nodeFile({ env, getBuiltinModule }: Node) {
  const path = getBuiltinModule!('node:path');
  const caches = env.XDG_CACHE_HOME ?? path.join(getBuiltinModule!('node:os').homedir(), '.cache');
  const folder = path.join(caches, NAME);
  return { fs: getBuiltinModule!('node:fs/promises'), folder, name: path.join(folder, `winners-${EDITION}.json`) };
}

function fileMemory({ fs, folder, name }: NodeFile): WinnerMemory {
  /** Of all adapters; nothing where the file is missing or holds something else. */
  async function readAll(): Promise<Record<string, unknown>> {
    const text = await fs.readFile(name, 'utf8').catch(() => '{}');
    try {
      const all: unknown = JSON.parse(text);
      return typeof all === 'object' && all !== null && !Array.isArray(all) ? (all as Record<string, unknown>) : {};
    } catch {
      return {};
    }
  }
  return {
    load: async (key) => (await readAll())[key],
    save: async (key, winners) => {
      await fs.mkdir(folder, { recursive: true });
      await fs.writeFile(name, JSON.stringify({ ...(await readAll()), [key]: winners }, null, 2));
    },
  };
}
