import { cudnn } from './cudnn.ts';
import { probes } from './probes.ts';
import { partSettings, runPart, startDawn, type PartSettings } from './process.ts';
import { measureWorks } from './works.ts';

// The process of one part that uses the library as its users do.
const work: Record<string, (settings: PartSettings) => Promise<void>> = {
  probes,
  works: (settings) => measureWorks(settings, 'session'),
  rules: (settings) => measureWorks(settings, 'off'),
  cudnn,
};
const settings = partSettings();
await runPart(async () => {
  if (settings.name !== 'cudnn') startDawn();
  await work[settings.name](settings);
});
