import { grouped } from '../../bench/card/grouped.ts';
import { report, type PartSettings } from '../../bench/card/process.ts';
import { gpu } from '../gpu/gpu.ts';
import { drawnCases } from './drawn-cases.ts';
import { compareRuns } from './case.ts';
import { interleaved } from './compare.ts';
import { layerCases } from './layer-cases.ts';
import { productCases } from './product-cases.ts';

/** With `quick`, of each group only every so many cases. */
const QUICK = 7;

/** Holds every kernel in every way against its twin, and tells of each case how it went. */
export async function correctness({ quick }: PartSettings): Promise<void> {
  const groups = grouped([...layerCases(), ...drawnCases(), ...productCases()], ({ group }) => group);
  const cases = interleaved([...groups.values()].map((list) => list.filter((_, n) => !quick || n % QUICK === 0)));
  report({ what: 'plan', cases: cases.length });
  for (const one of cases) report(await compareRuns(gpu.device, one));
}
