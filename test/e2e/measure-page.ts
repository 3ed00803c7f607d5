import type { Page } from 'puppeteer';

interface Measured {
  /** The processor time of the longest task of the main thread, in milliseconds. */
  longestTask: number;
  /** How many of its tasks took more than 50 ms, with all that the processor did in between. */
  slowTasks: number;
  /** How much the page moved by itself: the sum of its layout shifts. */
  layoutShift: number;
}

/** An event of Chrome's tracing, of which some are the names of threads. */
interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** From beginning to end, in microseconds. */
  dur?: number;
  /** Processor time in microseconds. */
  tdur?: number;
  args: { name?: string };
}

/**
 * Begins to measure a page, or the one that it opens next.
 *
 * A task is measured by the time that the processor works on it: where the GPU is the processor, what the kernels leave to the
 * main thread can be little, and says nothing about the page.
 */
export async function measurePage(page: Page): Promise<{ end(): Promise<Measured> }> {
  await page.evaluate(noteShifts);
  await page.evaluateOnNewDocument(noteShifts);
  await page.tracing.start({ categories: ['toplevel'] });
  return {
    async end() {
      const trace = new TextDecoder().decode(await page.tracing.stop());
      const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
      const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`;
      const isName = ({ name, args }: TraceEvent): boolean => name === 'thread_name' && args.name === 'CrRendererMain';
      const main = new Set(traceEvents.filter(isName).map(threadOf));
      const tasks = traceEvents.filter((event) => event.name.endsWith('RunTask') && main.has(threadOf(event)));
      const longestTask = tasks.reduce((longest, { tdur = 0 }) => Math.max(longest, tdur / 1000), 0);
      const slowTasks = tasks.filter(({ dur = 0 }) => dur > 50_000).length;
      const layoutShift = await page.evaluate(() => window.layoutShifts.reduce((sum, value) => sum + value, 0));
      return { longestTask, slowTasks, layoutShift };
    },
  };
}

/** Notes how much the page that is opened next moves by itself. */
export async function noteShiftsOf(page: Page): Promise<{ sum(): Promise<number> }> {
  await page.evaluateOnNewDocument(noteShifts);
  return {
    sum: () =>
      page.evaluate(async () => {
        // A shift in the last frame is told after the next one.
        for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
        return window.layoutShifts.reduce((sum, value) => sum + value, 0);
      }),
  };
}

function noteShifts(): void {
  const shifts: number[] = (window.layoutShifts = []);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as LayoutShift[]) if (!entry.hadRecentInput) shifts.push(entry.value);
  }).observe({ type: 'layout-shift' });
}

/** Chrome's own kind of performance entry. */
interface LayoutShift extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
}

declare global {
  interface Window {
    layoutShifts: number[];
  }
}
