import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Complaint } from '../../headless/complaint.ts';
import { packagedChromium } from '../../headless/packaged-chromium.ts';
import { supervise, type Result } from '../card/supervise.ts';
import type { Report } from './count.ts';
import type { CostReport } from './rows.ts';

const script = fileURLToPath(new URL('inside.ts', import.meta.url));

/** Milliseconds for all kernels: some times what they take. */
const LIMIT = 3_600_000;

/**
 * Replays the kernels of all works in a process of its own, whose environment alone has Chrome's software adapter.
 *
 * @param onWork is told the title of each
 * @throws Complaint if there is none, or that process fails
 */
export async function costReport(onWork: (title: string) => void): Promise<CostReport> {
  const chromium = await packagedChromium(onWork);
  if (chromium === undefined)
    throw new Complaint(
      'cost-model: the kernels are replayed on the software adapter of @sparticuz/chromium, for Linux on x64.',
    );
  const driver = join(dirname(chromium.executablePath), 'vk_swiftshader_icd.json');
  const result: CostReport = { adapter: '', works: [], kernels: [] };
  const onResult = (line: Result) => {
    const told = line as Report;
    if (told.what === 'adapter') result.adapter = told.description;
    else if (told.what === 'begin') onWork(told.title);
    else if (told.what === 'kernel') result.kernels.push(told.kernel);
    else if (told.what === 'work') result.works.push(told.work);
  };
  const command = ['env', `VK_ICD_FILENAMES=${driver}`, process.execPath, '--import', 'tsx', script];
  const { end, why } = await supervise(command, { limit: LIMIT, onResult });
  if (end !== 'done') throw new Complaint(`cost-model: the process that replays ${end}: ${why}`);
  return result;
}
