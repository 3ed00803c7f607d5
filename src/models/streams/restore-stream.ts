import { SnapshotError } from '../../runtime/errors.ts';
import { knownOptions, oneOf } from '../../runtime/options.ts';
import { checkSnapshot, type StreamSnapshot } from './snapshot.ts';
import { openStream, type Stream } from './stream.ts';
import type { StreamOptions } from './stream-options.ts';
import type { Streams } from './streams.ts';

export interface RestoreStreamOptions extends StreamOptions {
  /**
   * `'allow'` takes states that were made with other weights, such as those before further training: they mean something else
   * now, but a sequence need not begin anew. Default: `'refuse'`.
   */
  otherWeights?: 'allow' | 'refuse';
}

/** Opens a stream that goes on from a snapshot: see `model.restoreStream`. @internal */
export function restoreStream(
  where: string,
  streams: Streams<Stream>,
  saved: StreamSnapshot,
  options: RestoreStreamOptions,
): Stream {
  knownOptions(where, options, ['name', 'trace', 'otherWeights']);
  const { otherWeights = 'refuse' } = options;
  oneOf(where, 'otherWeights', otherWeights, ['allow', 'refuse']);
  streams.calls.assertBetweenBatches(where);
  const states = checkSnapshot(where, streams.engine.network, saved);
  const { name, steps, resets, fingerprint } = saved;
  const verified = otherWeights === 'allow' ? undefined : compareWeights(where, streams, fingerprint.weights);
  const own = options.name ?? (streams.open.has(name) ? undefined : name);
  const stream = openStream(where, streams, { name: own, steps, resets, verified, trace: options.trace });
  stream.write(where, states);
  return stream;
}

/**
 * Compares the weights with those of a snapshot.
 *
 * @returns a promise that rejects with SnapshotError if they turn out to be others; nothing if they are known to be the same
 * @throws SnapshotError if they are known to be others
 */
function compareWeights(where: string, { calls, weights }: Streams<Stream>, saved: string): Promise<void> | undefined {
  const assertSame = (own: string) => {
    if (own === saved) return;
    throw new SnapshotError(
      `${where}: the snapshot was made with other weights (digest ${saved}, expected ${own}). Restore it in a model with ` +
        `these weights, or give { otherWeights: 'allow' } to go on from its states all the same.`,
    );
  };
  const compared = calls.betweenBatches(where, () =>
    weights.known === undefined ? weights.read().then(assertSame) : assertSame(weights.known),
  );
  if (!compared) return undefined;
  // Every result of the stream rejects with it, so here it must not count as unhandled.
  compared.catch(() => {});
  return compared;
}
