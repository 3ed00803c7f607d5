import { environment } from '../../bench/card/environment.ts';
import { partSettings, runPart, startDawn } from '../../bench/card/process.ts';

// The process of a part that looks inside the library.
const settings = partSettings();
await runPart(async () => {
  startDawn();
  if (settings.name === 'environment') {
    await environment(({ isSoftware }) => (isSoftware ? 'software adapter' : 'GPU'));
  } else {
    // Its modules open the GPU as soon as they are loaded, which needs Dawn.
    const { correctness } = await import('./correctness.ts');
    await correctness(settings);
  }
});
