import type { Page } from 'puppeteer';
import { Complaint, NO_ADAPTER } from '../../headless/complaint.ts';
import { launchBrowser } from '../../headless/launch-browser.ts';
import { tellPhase } from '../../headless/run-command.ts';
import { whenGone } from '../../headless/when-gone.ts';
import type { BenchSettings, BenchListener, Measured } from '../bench.ts';
import type { Report } from '../page.ts';
import type { Results } from '../report/results.ts';
import { FIRST_CALLS, type Parts } from '../works/parts.ts';
import { timeFirstCalls } from './first-calls.ts';
import { servePage } from './page-server.ts';

async function heapBytes(page: Page): Promise<number> {
  const session = await page.createCDPSession();
  try {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  } finally {
    await session.detach();
  }
}

/**
 * Measures in a headless Chrome, and first calls in browsers of their own.
 *
 * @param interruption ends it early when it rejects
 */
export async function benchInBrowser(
  settings: BenchSettings & Parts,
  listener: BenchListener,
  interruption: Promise<never>,
): Promise<Measured & Pick<Results, 'environment' | 'firstCalls'>> {
  const server = await servePage();
  const url = new URL('page.html', server.resolvedUrls!.local[0]).href;
  try {
    const measured = await benchInPage(url, settings, listener, interruption);
    if (settings.firstCalls.length === 0) return measured;
    listener.onPart(FIRST_CALLS);
    return { ...measured, firstCalls: await timeFirstCalls(url, settings.firstCalls, listener, interruption) };
  } finally {
    await server.close();
  }
}

async function benchInPage(
  url: string,
  settings: BenchSettings,
  listener: BenchListener,
  interruption: Promise<never>,
): Promise<Measured & Pick<Results, 'environment'>> {
  const browser = await launchBrowser({ handleSIGINT: false, onPhase: tellPhase });
  try {
    const environment = await browser.version();
    const page = await browser.newPage();
    const gone = whenGone(page);
    const measured = new Promise<Measured>((resolve, reject) => {
      const receive = (report: Report): void => {
        if (report.type === 'part') listener.onPart(report.name);
        else if (report.type === 'phase') listener.onPhase(report.phase);
        else if (report.type === 'progress') listener.onProgress(report.progress);
        else if (report.type === 'end') resolve(report.measured);
        else if (report.type === 'unsupported') reject(new Complaint(NO_ADAPTER));
        else reject(new Error(report.message));
      };
      page.on('pageerror', (error) => reject(error as Error));
      void Promise.all([
        page.exposeFunction('report', receive),
        page.exposeFunction('heapBytes', () => heapBytes(page)),
      ])
        .then(() => page.goto(url))
        // The call returns at once: Puppeteer gives up on calls that take minutes.
        .then(() => page.evaluate((wanted) => window.startBench(wanted), settings))
        .catch(reject);
    });
    return { ...(await Promise.race([measured, gone, interruption])), environment };
  } finally {
    await browser.close();
  }
}
