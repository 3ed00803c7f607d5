import { Complaint, Interrupted, UsageError } from './complaint.ts';

/**
 * Runs a command and sets the exit code of this process. Of a `Complaint` its message is shown, of other errors all.
 *
 * @param name of the npm script, for a hint at its help
 * @param main gives the exit code
 */
export async function runCommand(name: string, main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Complaint ? error.message : error);
    if (error instanceof UsageError) console.error(`npm run ${name} -- --help tells all options.`);
    process.exitCode = error instanceof Complaint ? error.exitCode : 1;
  }
}

/** Rejects on Ctrl-C, once: a second one ends the process on the spot. */
export function whenInterrupted(): Promise<never> {
  const interruption = new Promise<never>((_resolve, reject) => {
    process.once('SIGINT', () => reject(new Interrupted('Stopped.')));
  });
  // It may come when nobody waits for it yet.
  interruption.catch(() => {});
  return interruption;
}
