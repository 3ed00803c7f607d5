import { SEQUENCE_LENGTH, type Labelled, type Matrix } from './sequences.ts';

/** The length of the windows into which the post cuts its sequences. */
export const WINDOW_LENGTH = 10;
export const WINDOWS_PER_SEQUENCE = windowsPerSequence(SEQUENCE_LENGTH, WINDOW_LENGTH);

/** The windows that the post trains on, each with the target of its sequence. */
export function postWindows({ x, y }: Labelled): Labelled {
  return prepareSequences(x, y, WINDOW_LENGTH);
}

/**
 * The post's `prepare_sequences`: every window of `windowLength` neighbouring elements of every sequence, each with the
 * target of its sequence, sequence after sequence and each from its start.
 *
 *   x [sequences, length] → [sequences · windows, windowLength, 1], where windows = length - windowLength + 1
 *   y [sequences, 1]      → [sequences · windows, 1]
 *
 * Windows of length 1 are the elements one at a time.
 *
 * @throws RangeError if `windowLength` is no whole number from 1 to the length of a sequence.
 */
export function prepareSequences(x: Matrix, y: Matrix, windowLength: number): Labelled {
  const [sequences, length] = x.shape;
  const windows = windowsPerSequence(length, windowLength);
  const outX = new Float32Array(sequences * windows * windowLength);
  const outY = new Float32Array(sequences * windows);
  for (let sequence = 0; sequence < sequences; sequence++) {
    for (let window = 0; window < windows; window++) {
      const row = sequence * windows + window;
      const start = sequence * length + window;
      outX.set(x.data.subarray(start, start + windowLength), row * windowLength);
      outY[row] = y.data[sequence];
    }
  }
  return {
    x: { data: outX, shape: [sequences * windows, windowLength, 1] },
    y: { data: outY, shape: [sequences * windows, 1] },
  };
}

/**
 * Undoes `prepareSequences`: a sequence is its first window and then the last element of each later one.
 *
 * @throws RangeError if the windows do not make up whole sequences of `sequenceLength`.
 */
export function restoreSequences(x: Matrix, y: Matrix, sequenceLength: number): Labelled {
  const [rows, windowLength] = x.shape;
  const windows = windowsPerSequence(sequenceLength, windowLength);
  const sequences = rows / windows;
  if (!Number.isInteger(sequences)) {
    throw new RangeError(
      `restoreSequences: ${rows} windows, expected a multiple of ${windows}, the windows of a sequence.`,
    );
  }
  const outX = new Float32Array(sequences * sequenceLength);
  const outY = new Float32Array(sequences);
  for (let sequence = 0; sequence < sequences; sequence++) {
    const first = sequence * windows;
    outX.set(x.data.subarray(first * windowLength, (first + 1) * windowLength), sequence * sequenceLength);
    for (let window = 1; window < windows; window++) {
      const lastElement = (first + window + 1) * windowLength - 1;
      outX[sequence * sequenceLength + windowLength - 1 + window] = x.data[lastElement];
    }
    outY[sequence] = y.data[first];
  }
  return {
    x: { data: outX, shape: [sequences, sequenceLength] },
    y: { data: outY, shape: [sequences, 1] },
  };
}

function windowsPerSequence(length: number, windowLength: number): number {
  if (!Number.isInteger(windowLength) || windowLength < 1 || windowLength > length) {
    throw new RangeError(
      `A window of ${windowLength} elements, expected a whole number from 1 to ${length}, the sequence.`,
    );
  }
  return length - windowLength + 1;
}
