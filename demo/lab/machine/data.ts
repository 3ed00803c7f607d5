import type { TableContents } from '../../page/table-twin.ts';
import type { Machine } from '../../training/jobs/machine.ts';

/** The adapter in a sentence. */
export function adapterWords({ adapter, isSoftware }: Pick<Machine, 'adapter' | 'isSoftware'>): string {
  return isSoftware
    ? `${adapter}: a software adapter. The processor does the work of a GPU, and the library takes kernels that suit it.`
    : `${adapter}: a GPU.`;
}

/** How fast each kind of update is done. */
export function speedTable({ works }: Pick<Machine, 'works'>): TableContents {
  return {
    columns: ['update', 'its size', 'updates a second', 'time of one'],
    rows: works.map(({ name, size, updatesPerSecond }) => [
      name,
      size,
      Number(updatesPerSecond.toPrecision(3)).toLocaleString('en'),
      durationWords(1 / updatesPerSecond),
    ]),
  };
}

/** 12 µs, 3.4 ms or 1.2 s. */
export function durationWords(seconds: number): string {
  const [value, unit] = seconds < 1e-3 ? [seconds * 1e6, 'µs'] : seconds < 1 ? [seconds * 1e3, 'ms'] : [seconds, 's'];
  return `${Number(value.toPrecision(2)).toLocaleString('en')} ${unit}`;
}

/** The limits of the device that decide what fits. */
export function limitsTable({ limits, hasFloat16 }: Pick<Machine, 'limits' | 'hasFloat16'>): TableContents {
  const { storageBytes, workgroupBytes, workgroupThreads } = limits;
  return {
    columns: ['what', 'here', 'what it decides'],
    rows: [
      ['largest piece of memory', bytesWords(storageBytes), 'A data set that is given whole must fit into one.'],
      [
        'memory of a workgroup',
        bytesWords(workgroupBytes),
        'A model that fits into it trains hundreds of updates without a pause.',
      ],
      ['threads of a workgroup', workgroupThreads.toLocaleString('en'), 'So many numbers are computed side by side.'],
      ['half precision', hasFloat16 ? 'yes' : 'no', 'Weights in 16 bits, which large models read in half the time.'],
    ],
  };
}

export function bytesWords(bytes: number): string {
  const [value, unit] =
    bytes >= 2 ** 30
      ? [bytes / 2 ** 30, 'GiB']
      : bytes >= 2 ** 20
        ? [bytes / 2 ** 20, 'MiB']
        : [bytes / 2 ** 10, 'KiB'];
  return `${Number(value.toPrecision(3)).toLocaleString('en')} ${unit}`;
}

/** The kernels that were chosen for each of the works, and why. */
export function kernelsTable({ works }: Pick<Machine, 'works'>): TableContents {
  return {
    columns: ['update', 'layer', 'part', 'decision', 'why'],
    rows: works.flatMap(({ name, kernels }) =>
      kernels.map(({ layer, part, decision, why }) => [name, layer, part, decision, why]),
    ),
  };
}
