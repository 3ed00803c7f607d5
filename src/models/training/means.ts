import type { Logs } from '../execution/logs.ts';
import type { GroupMember, ModelGroup } from './model-group.ts';

/** The means of losses and metrics over the samples of many updates of a group, read from the journal now and then. */
export class Means {
  /** The means of each model, as last read; empty before its first update. */
  readonly logs: Logs[];
  readonly #members: readonly MemberSums[];
  /** Updates not read yet: their numbers, and how many samples each has. */
  #unread: { number: number; samples: number }[] = [];

  constructor(private readonly group: ModelGroup) {
    this.logs = group.members.map(() => ({}));
    this.#members = group.members.map((member) => new MemberSums(member));
  }

  /** Notes an update to be read. Other runs may make updates between those of this one. */
  expect(number: number, samples: number): void {
    this.#unread.push({ number, samples });
  }

  /** Whether the journal must be read before more updates are sent. */
  get mustRead(): boolean {
    return this.#unread.length > 0 && this.group.journal.isFilling(this.#unread[0].number);
  }

  /**
   * Reads the updates expected so far, which must have been submitted.
   *
   * @param isRunning which models have made these updates
   */
  async read(isRunning: readonly boolean[]): Promise<void> {
    const updates = this.#unread;
    this.#unread = [];
    if (updates.length === 0) return;
    const { journal } = this.group;
    const first = updates[0].number;
    const rows = await journal.read(first, updates.at(-1)!.number + 1);
    let column = 0;
    this.#members.forEach((sums, index) => {
      if (isRunning[index]) {
        for (const { number, samples } of updates) sums.add(rows, (number - first) * journal.columns + column, samples);
        this.logs[index] = sums.logs();
      }
      column += sums.columns;
    });
  }
}

/** The sums over a model's rows of the journal so far, in float64. */
class MemberSums {
  readonly #sums: Float64Array;
  #samples = 0;

  constructor(private readonly member: Pick<GroupMember, 'compiled'>) {
    this.#sums = new Float64Array(member.compiled.journal.columns);
  }

  get columns(): number {
    return this.#sums.length;
  }

  add(rows: Float32Array, start: number, samples: number): void {
    for (let column = 0; column < this.columns; column++) this.#sums[column] += rows[start + column];
    this.#samples += samples;
  }

  logs(): Logs {
    return this.member.compiled.logs(this.#sums, this.#samples);
  }
}

/** The logs of validation under the names that they have beside those of training: `loss` becomes `valLoss`. */
export function validationLogs(logs: Logs): Logs {
  return Object.fromEntries(
    Object.entries(logs).map(([name, value]) => [`val${name[0].toUpperCase()}${name.slice(1)}`, value]),
  );
}
