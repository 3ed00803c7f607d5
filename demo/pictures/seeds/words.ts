import { counted } from '../../experiments/words.ts';
import { dayOf } from '../../page/figures.ts';
import type { TableContents } from '../../page/table-twin.ts';
import type { SeedsNews } from '../../training/jobs/seeds.ts';
import { LEARNED } from '../learned.ts';
import { accuracyAfter, type Runs, type SeedsState, SETTINGS, settingsOf, type Share, shareLearned } from './data.ts';

/** `21 of 64`, or `all 64`. */
export function shareText({ learned, networks }: Share): string {
  return learned === networks ? `all ${networks}` : `${learned} of ${networks}`;
}

/** Says what the picture shows. */
export function sentences(runs: Runs, { shown, epoch }: SeedsState): string {
  const told = settingsOf(shown).filter(({ id }) => shareLearned(runs[id], epoch).networks > 0);
  if (told.length === 0) return 'No epoch is done yet.';
  const counts = told.map(({ id, name }) => {
    const trained = Math.max(...runs[id].map((right) => right.length));
    const end = trained < epoch ? `, after ${counted(trained, 'epoch')}` : '';
    return `${shareText(shareLearned(runs[id], epoch))} (${name}${end})`;
  });
  const perfect = told.map(({ id }) => String(runs[id].filter((right) => accuracyAfter(right, epoch) === 1).length));
  return (
    `After epoch ${epoch} the task is learned by ${listOf(counts)}: they are right in at least ${100 * LEARNED} of 100 test ` +
    `windows. Without a single mistake: ${listOf(perfect)}.`
  );
}

function listOf(items: readonly string[]): string {
  return items.length === 1 ? items[0] : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

export function recordedOn({ date, machine }: { date: string; machine: string }, networks: number): string {
  return `Recorded on ${dayOf(date)}: ${networks} networks a setting, on ${machine}.`;
}

export function trainedOn({ networks, adapter, isSoftware }: Extract<SeedsNews, { type: 'begin' }>): string {
  const trained = `Trained here, now: ${networks} networks a setting, on ${adapter}.`;
  return isSoftware ? `${trained} ${SOFTWARE}` : trained;
}

const SOFTWARE = 'This is a software adapter, on which each one takes as long as the first: so there are few.';

/** The accuracy of each network, a row each. */
export function tableOf(runs: Runs, epoch: number): TableContents {
  const networks = Math.max(...SETTINGS.map(({ id }) => runs[id].length));
  const columns = ['network', ...SETTINGS.map(({ name }) => `${name}, after epoch ${epoch}`)];
  const rows = Array.from({ length: networks }, (_, network) => [
    network + 1,
    ...SETTINGS.map(({ id }) => accuracyAfter(runs[id][network] ?? [], epoch)?.toFixed(4) ?? '–'),
  ]);
  return { columns, rows };
}
