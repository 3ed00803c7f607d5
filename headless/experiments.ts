import { readOptions, usage } from './experiments/options.ts';
import { runCommand, tellPhase, whenInterrupted } from './run-command.ts';

async function main(): Promise<number> {
  const interruption = whenInterrupted();
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(usage);
    return 0;
  }
  tellPhase('Loading the experiments');
  // Not at the top: Vite and Puppeteer take seconds to load on a busy machine, and nothing would be told of that.
  const { runAll } = await import('./experiments/run-all.ts');
  return runAll(options, interruption);
}

await runCommand(main, 'experiments');
