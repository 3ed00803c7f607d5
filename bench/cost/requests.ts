import { HEADER_WORDS, MOST_THREADS, SECTOR_BYTES, type Access } from './instrument.ts';

/** Invocations that make a request together: a warp of NVIDIA's, a SIMD group of Apple's. */
export const SUBGROUP = 32;

/** What sampled workgroups have noted: see `Instrumented`. */
export interface Log {
  words: Uint32Array;
  laneWords: number;
  visits: number;
  accesses: readonly Access[];
  /** How many workgroups were sampled, and of how many. */
  sampled: number;
  groups: number;
}

/** What a dispatch loads from a binding, or stores there. */
export interface Traffic {
  binding: string;
  isStore: boolean;
  /** Requests of all subgroups. */
  requests: number;
  /** Sectors that these touch, each counted once a request. */
  sectors: number;
  /** Bytes that they ask for, each counted once a request. */
  bytes: number;
  /** Sectors of each workgroup, each counted once: what passes if a core's cache keeps all that a workgroup has loaded. */
  groupSectors: number;
}

/** What a dispatch asks of memory, and how it waits. */
export interface Requests {
  traffic: Traffic[];
  /** Threads of a workgroup. */
  threads: number;
  /** Loads of the invocation that makes the most, one after the other, and the barriers at which it waits. */
  loads: number;
  barriers: number;
}

/** Counts the requests of a dispatch by those of the workgroups that were sampled. */
export function requestsOf(log: Log): Requests {
  const traffic = new Map<string, Traffic>();
  for (let group = 0; group < log.sampled; group++) countGroup(log, group, traffic);
  const scale = log.groups / log.sampled;
  const scaled = [...traffic.values()]
    .filter(({ requests }) => requests > 0)
    .map((one): Traffic => {
      const { binding, isStore, ...counts } = one;
      const all = Object.entries(counts).map(([key, count]) => [key, Math.round(count * scale)]);
      return { binding, isStore, ...(Object.fromEntries(all) as typeof counts) };
    });
  return { traffic: scaled, ...longestLane(log) };
}

function longestLane({ words, laneWords, accesses, sampled }: Log): Omit<Requests, 'traffic'> {
  let [threads, loads, barriers] = [0, 0, 0];
  for (let lane = 0; lane < sampled * MOST_THREADS; lane++) {
    const [ran, waited] = words.subarray(lane * laneWords);
    if (ran === 0) continue;
    threads = Math.max(threads, 1 + (lane % MOST_THREADS));
    barriers = Math.max(barriers, waited);
    const counts = words.subarray(lane * laneWords + HEADER_WORDS);
    loads = Math.max(
      loads,
      accesses.reduce((sum, { isStore }, n) => sum + (isStore ? 0 : counts[n]), 0),
    );
  }
  return { threads, loads, barriers };
}

function countGroup(log: Log, group: number, traffic: Map<string, Traffic>): void {
  const inGroup = new Map<string, { sectors: Set<number>; scale: number }>();
  log.accesses.forEach((access, n) => {
    const key = `${access.name} ${access.isStore}`;
    const own = traffic.get(key) ?? emptyTraffic(access);
    traffic.set(key, own);
    const seen = inGroup.get(key) ?? { sectors: new Set(), scale: 1 };
    inGroup.set(key, seen);
    for (let first = 0; first < MOST_THREADS; first += SUBGROUP) {
      const scale = countSubgroup(log, n, group * MOST_THREADS + first, own, seen);
      seen.scale = Math.max(seen.scale, scale);
    }
  });
  for (const [key, { sectors, scale }] of inGroup) {
    const own = traffic.get(key)!;
    own.groupSectors += sectors.size * scale;
  }
}

function emptyTraffic({ name, isStore }: Access): Traffic {
  return { binding: name, isStore, requests: 0, sectors: 0, bytes: 0, groupSectors: 0 };
}

/**
 * Counts the requests of a subgroup at one access: its invocations' n-th visits make one together.
 *
 * @returns how many times more visits there were than were noted, by which what was counted is scaled
 */
function countSubgroup(
  { words, laneWords, visits, accesses }: Log,
  n: number,
  firstLane: number,
  into: Traffic,
  seen: { sectors: Set<number> },
): number {
  const all = Array.from({ length: SUBGROUP }, (_, lane) => (firstLane + lane) * laneWords + HEADER_WORDS);
  const most = all.reduce((longest, lane) => Math.max(longest, words[lane + n]), 0);
  const noted = Math.min(most, visits);
  if (noted === 0) return 1;
  const scale = most / noted;
  const { bytes } = accesses[n];
  for (let visit = 0; visit < noted; visit++) {
    const elements = new Set<number>();
    const sectors = new Set<number>();
    for (const lane of all) {
      if (visit >= words[lane + n]) continue;
      const index = words[lane + accesses.length + n * visits + visit];
      elements.add(index);
      sectors.add(Math.floor((index * bytes) / SECTOR_BYTES));
    }
    into.requests += scale;
    into.sectors += scale * sectors.size;
    into.bytes += scale * bytes * elements.size;
    for (const sector of sectors) seen.sectors.add(sector);
  }
  return scale;
}
