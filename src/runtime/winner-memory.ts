/** The name of a way that won, and how many multiply-adds it does in a millisecond. */
export interface KeptWinner {
  name: string;
  pace: number;
}

type Kept = Record<string, KeptWinner>;

/** Where winners outlive the page or the process, adapter by adapter. */
export interface WinnerMemory {
  load(adapter: string): Promise<Kept>;
  save(adapter: string, winners: Kept): Promise<void>;
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
  'node:path': { join(...parts: string[]): string; dirname(path: string): string };
}

const node = (globalThis as { process?: Node }).process;

/** One more whenever kernels change so much that old winners may be wrong. */
const EDITION = 1;

const NAME = 'lstm-webgpu';

/** IndexedDB in a page, a file in the user's cache folder in Node, nothing where neither is. */
export function winnerMemory(): WinnerMemory | undefined {
  if (typeof indexedDB !== 'undefined') return databaseMemory;
  return node?.getBuiltinModule ? fileMemory : undefined;
}

const databaseMemory: WinnerMemory = {
  async load(adapter) {
    const winners = await inStore('readonly', (store) => store.get(adapter));
    return (winners as Kept | undefined) ?? {};
  },
  async save(adapter, winners) {
    await inStore('readwrite', (store) => store.put(winners, adapter));
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

/** `$XDG_CACHE_HOME/lstm-webgpu/winners-1.json`, by default below `~/.cache`. */
const fileMemory: WinnerMemory = {
  async load(adapter) {
    return (await readFile())[adapter] ?? {};
  },
  async save(adapter, winners) {
    const { fs, path, file } = nodeFile();
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, JSON.stringify({ ...(await readFile()), [adapter]: winners }, null, 2));
  },
};

async function readFile(): Promise<Record<string, Kept>> {
  const { fs, file } = nodeFile();
  const text = await fs.readFile(file, 'utf8').catch(() => '{}');
  return JSON.parse(text) as Record<string, Kept>;
}

function nodeFile() {
  const { env, getBuiltinModule } = node!;
  const path = getBuiltinModule!('node:path');
  const folder = env.XDG_CACHE_HOME ?? path.join(getBuiltinModule!('node:os').homedir(), '.cache');
  const file = path.join(folder, NAME, `winners-${EDITION}.json`);
  return { fs: getBuiltinModule!('node:fs/promises'), path, file };
}
