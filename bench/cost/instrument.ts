/** A place in the text of a kernel that loads from an array in memory, or stores there. */
export interface Access {
  /** Number of the binding. */
  binding: number;
  name: string;
  isStore: boolean;
  /** Bytes of an element of the array. */
  bytes: number;
}

/** How a kernel is replayed: what it notes in the two buffers of bind group 1. */
export interface Recording {
  /** Bytes of each binding, by its number. */
  bindingBytes: readonly number[];
  /** Workgroups whose accesses are noted one by one: every `stride`-th from `first` on, as many as `count`. */
  sample: { first: number; stride: number; count: number };
  /** The most words of memory for what they note. */
  logWords: number;
}

/** So many visits of an access are noted for an invocation, which are some turns of any loop. All of them are counted. */
const MOST_VISITS = 64;

/** The most threads of a workgroup that a device has to allow. */
export const MOST_THREADS = 256;

/** Of an invocation that ran: a one, and at how many barriers it waited. */
export const HEADER_WORDS = 2;

/** A kernel that notes the index of each access before it makes it. */
export interface Instrumented {
  code: string;
  accesses: Access[];
  /** Whether each binding is written, by its number; a uniform is `undefined`. */
  bindings: ('read' | 'read_write' | undefined)[];
  /** Words of the log for each of `MOST_THREADS` in a workgroup: header, visits of each access, and indices at the first of them. */
  laneWords: number;
  visits: number;
  /** First word of each access in the map of sectors that were touched; loads and stores of a binding have words of their own. */
  firstSectors: number[];
  sectorWords: number;
}

/** Bytes that a GPU moves at least between its caches and memory. */
export const SECTOR_BYTES = 32;

const DECLARATION = /@group\(0\) @binding\((\d+)\) var<(uniform|storage, (read|read_write))> (\w+): ([^;]+);/g;
const SCALAR_BYTES: Record<string, number> = { f32: 4, u32: 4, i32: 4, vec4f: 16 };

interface Declared {
  binding: number;
  use: 'read' | 'read_write' | undefined;
  name: string;
  type: string;
}

/**
 * Rewrites a kernel so that it tells where it loads and stores: each `name[index]` of an array in memory becomes
 * `name[noted(index)]`. The addresses are those that the kernel itself computes, in its own control flow.
 *
 * @throws if something is in the text that this does not know
 */
export function instrument(source: string, recording: Recording): Instrumented {
  const text = rolled(source.replaceAll(/\/\/.*$/gm, ''));
  const declared = [...text.matchAll(DECLARATION)].map(([, binding, , use, name, type]): Declared => ({
    binding: Number(binding),
    use: use as Declared['use'],
    name,
    type,
  }));
  const accesses: Access[] = [];
  const noted = noteAccesses(text, declared, accesses);
  const barriers = noted.replaceAll(/\b(workgroup|storage)Barrier\(\);/g, 'replay_barrier(); $&');
  const firstSectors: number[] = [];
  const words = new Map<string, number>();
  let sectorWords = 0;
  for (const { binding, isStore } of accesses) {
    const key = `${binding} ${isStore}`;
    if (!words.has(key)) {
      words.set(key, sectorWords);
      sectorWords += Math.ceil(recording.bindingBytes[binding] / SECTOR_BYTES);
    }
    firstSectors.push(words.get(key)!);
  }
  const { sample, logWords } = recording;
  const room = Math.floor((logWords / (sample.count * MOST_THREADS) - HEADER_WORDS) / accesses.length) - 1;
  const visits = Math.min(room, MOST_VISITS);
  const laneWords = HEADER_WORDS + accesses.length * (1 + visits);
  const bindings: Instrumented['bindings'] = [];
  for (const { binding, use } of declared) bindings[binding] = use;
  return {
    code: withIndices(barriers, recording) + functions(accesses, firstSectors, laneWords, visits),
    accesses,
    bindings,
    laneWords,
    visits,
    firstSectors,
    sectorWords,
  };
}

const FIRST_COPY = /\{ const (\w+) = 0u; /;

/**
 * Makes loops again of those that `specialized` has unrolled. The addresses are the same, and a software adapter, which
 * compiles long kernels for minutes, compiles this in a second.
 */
function rolled(text: string): string {
  const found = FIRST_COPY.exec(text);
  if (!found) return text;
  const counter = found[1];
  const end = closing(text, found.index + 1, '{}');
  const body = text.slice(found.index + found[0].length, end);
  let count = 1;
  let after = end + 1;
  for (
    let copy = ` { const ${counter} = 1u; `;
    text.startsWith(copy, after);
    copy = ` { const ${counter} = ${count}u; `
  ) {
    after = closing(text, after + 2, '{}') + 1;
    count++;
  }
  const loop = `for (var ${counter} = 0u; ${counter} < ${count}u; ${counter}++) {${rolled(body)}}`;
  return text.slice(0, found.index) + loop + rolled(text.slice(after));
}

function noteAccesses(text: string, declared: readonly Declared[], accesses: Access[]): string {
  const arrays = declared.filter(({ type }) => type.startsWith('array<'));
  const name = new RegExp(`(?<![\\w.])(${arrays.map((array) => array.name).join('|')})\\[`);
  const note = (rest: string): string => {
    const found = name.exec(rest);
    if (!found) return rest;
    const begin = found.index + found[0].length;
    const end = closing(rest, begin, '[]');
    const array = arrays.find((one) => one.name === found[1])!;
    const after = rest.slice(end + 1);
    const add = (isStore: boolean) =>
      accesses.push({ binding: array.binding, name: array.name, isStore, bytes: elementBytes(text, array.type) }) - 1;
    let index = note(rest.slice(begin, end));
    // An operator such as += loads and stores.
    const [, operator, isAssigned] = /^(?:\.\w+)?\s*([-+*/]?)(=(?!=))?/.exec(after)!;
    if (!isAssigned || operator) index = `replay_${add(false)}(${index})`;
    if (isAssigned) index = `replay_${add(true)}(${index})`;
    return `${rest.slice(0, begin)}${index}]${note(after)}`;
  };
  return note(text);
}

/** The bracket that closes the one before `begin`. */
function closing(text: string, begin: number, [open, close]: string): number {
  let depth = 1;
  for (let at = begin; at < text.length; at++) {
    if (text[at] === open) depth++;
    else if (text[at] === close && --depth === 0) return at;
  }
  throw new Error(`no bracket closes: ${text.slice(begin, begin + 40)}`);
}

function elementBytes(source: string, array: string): number {
  const [, name] = /^array<(\w+)/.exec(array)!;
  const type = new RegExp(`\\balias ${name} = (\\w+);`).exec(source)?.[1] ?? name;
  const fields = new RegExp(`\\bstruct ${type} \\{([^}]*)\\}`).exec(source)?.[1];
  const types = fields === undefined ? [type] : [...fields.matchAll(/:\s*(\w+)/g)].map(([, field]) => field);
  const bytes = types.reduce((sum, one) => sum + SCALAR_BYTES[one], 0);
  if (!(bytes > 0)) throw new Error(`the elements of ${array} are of a type whose size is not known here.`);
  if (SECTOR_BYTES % bytes !== 0) throw new Error(`elements of ${bytes} bytes, of ${array}, lie in several sectors.`);
  return bytes;
}

/** Tells each invocation first of all whether it is noted. */
function withIndices(text: string, { sample }: Recording): string {
  const main = /(@compute\s+@workgroup_size\([^)]*\)\s*fn main\()([\s\S]*?)(\)\s*\{)/;
  return text.replace(main, (_, before: string, parameters: string, after: string) => {
    let all = parameters.trim().replace(/,$/, '');
    const named = (builtin: string, type: string) => {
      const found = new RegExp(`@builtin\\(${builtin}\\) (\\w+)`).exec(all);
      if (found) return found[1];
      all = `${all}${all === '' ? '' : ', '}@builtin(${builtin}) replay_${builtin}: ${type}`;
      return `replay_${builtin}`;
    };
    const group = named('workgroup_id', 'vec3u');
    const groups = named('num_workgroups', 'vec3u');
    const local = named('local_invocation_index', 'u32');
    return `${before}${all}${after}
  let replay_group = ${group}.x + ${groups}.x * (${group}.y + ${groups}.y * ${group}.z);
  if (replay_group >= ${sample.first}u && (replay_group - ${sample.first}u) % ${sample.stride}u == 0u) {
    let replay_sample = (replay_group - ${sample.first}u) / ${sample.stride}u;
    if (replay_sample < ${sample.count}u) { replay_lane = replay_sample * ${MOST_THREADS}u + ${local}; replay_begin(); }
  }
`;
  });
}

function functions(
  accesses: readonly Access[],
  firstSectors: readonly number[],
  laneWords: number,
  visits: number,
): string {
  const each = accesses.map(({ bytes }, n) => {
    return `
fn replay_${n}(index: u32) -> u32 {
  replay_sectors[${firstSectors[n]}u + index / ${SECTOR_BYTES / bytes}u] = 1u;
  if (replay_lane != 0xffffffffu) {
    let count = replay_lane * ${laneWords}u + ${HEADER_WORDS + n}u;
    let visit = replay_log[count];
    replay_log[count] = visit + 1u;
    if (visit < ${visits}u) {
      replay_log[replay_lane * ${laneWords}u + ${HEADER_WORDS + accesses.length + n * visits}u + visit] = index;
    }
  }
  return index;
}
`;
  });
  return `
@group(1) @binding(0) var<storage, read_write> replay_log: array<u32>;
@group(1) @binding(1) var<storage, read_write> replay_sectors: array<u32>;
var<private> replay_lane: u32 = 0xffffffffu;

fn replay_begin() { replay_log[replay_lane * ${laneWords}u] = 1u; }

fn replay_barrier() {
  if (replay_lane != 0xffffffffu) { replay_log[replay_lane * ${laneWords}u + 1u] += 1u; }
}
${each.join('')}`;
}
