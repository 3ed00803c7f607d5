import { Complaint, Interrupted, UsageError } from './complaint.ts';

/**
 * Runs a command and sets the exit code of this process. Of a `Complaint` its message is shown, of other errors all.
 *
 * @param main gives the exit code
 * @param name of its npm script, for a hint at its help
 */
export async function runCommand(main: () => Promise<number>, name?: string): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Complaint ? error.message : error);
    if (error instanceof UsageError && name !== undefined)
      console.error(`npm run ${name} -- --help tells all options.`);
    process.exitCode = error instanceof Complaint ? error.exitCode : 1;
  }
}

/** Ctrl-C in a terminal reaches this process twice under npm: from the terminal, and passed on by npm soon after. */
const SAME_INTERRUPTION_MS = 1000;

/** Rejects on Ctrl-C. Another one later ends the process on the spot, and with it the browser that it has started. */
export function whenInterrupted(): Promise<never> {
  const interruption = new Promise<never>((_resolve, reject) => {
    let first: number | undefined;
    process.on('SIGINT', () => {
      first ??= performance.now();
      if (performance.now() - first > SAME_INTERRUPTION_MS) process.exit(Interrupted.EXIT_CODE);
      reject(new Interrupted('Stopped.'));
    });
  });
  // It may come when nobody waits for it yet.
  interruption.catch(() => {});
  return interruption;
}

/** Tells on stderr what the command is waiting for, such as 'Starting Chrome'; nothing once it has ended. */
export function tellPhase(phase: string): void {
  if (process.exitCode === undefined) console.error(`${phase} …`);
}
