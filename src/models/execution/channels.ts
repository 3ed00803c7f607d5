import type { StateName } from '../network/layers/layer.ts';

/** The arrays that samples consist of, by name, with an entry for each sample. */
export interface Channels<T> {
  /** Inputs: [N, T, features] or [N, features]. */
  x: T;
  /** Targets, shaped as the output. */
  y?: T;
  /** How much each sample, or each step of it, weighs: [N, 1] or [N, T, 1]. */
  weights?: T;
  /** 1 for each step that counts: [N, T, 1]. */
  mask?: T;
  /** 1 for each step before which states are reset: [N, T, 1]. */
  resets?: T;
  /** Initial states: [N, units]. */
  [state: StateName]: T | undefined;
}

export type ChannelName = keyof Channels<unknown>;

/** The arrays that predictions consist of. */
export interface Outputs<T> {
  output: T;
  /** States after the last step: [N, units]. */
  [state: StateName]: T | undefined;
}

/** Whether a channel is an initial state. */
export function isState(name: ChannelName): name is StateName {
  return name.includes('/');
}

/** The names of the channels that are present. */
export function namesOf(channels: Channels<unknown>): ChannelName[] {
  return (Object.keys(channels) as ChannelName[]).filter((name) => channels[name] !== undefined);
}

/** Maps each channel, or output, that is present. */
export function mapChannels<T, U>(channels: Channels<T>, map: (value: T, name: string) => U): Channels<U>;
export function mapChannels<T, U>(outputs: Outputs<T>, map: (value: T, name: string) => U): Outputs<U>;
export function mapChannels<T, U>(record: object, map: (value: T, name: string) => U): object {
  const present = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, map(value as T, name)]));
}
