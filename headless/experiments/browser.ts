import type { ViteDevServer } from 'vite';
import type { Result } from '../../demo/experiments/index.ts';
import type { RunOptions } from '../../demo/experiments/run/index.ts';
import { Complaint, NO_ADAPTER } from '../complaint.ts';
import { launchBrowser } from '../launch-browser.ts';
import { tellPhase } from '../run-command.ts';
import { whenGone } from '../when-gone.ts';
import type { Run } from './options.ts';
import type { Report } from './page.ts';

export interface ExperimentBrowser {
  adapterName: string;
  /** Rejects when the page or the browser is gone; what goes wrong in the experiment itself is its verdict. */
  run(run: Run, seed: number, listener: Pick<RunOptions, 'onEpoch' | 'onProgress'>): Promise<Result>;
  close(): Promise<void>;
}

/** A headless Chrome with the page that runs experiments. What there is to wait for is told on the way. */
export async function openBrowser(server: ViteDevServer): Promise<ExperimentBrowser> {
  await server.listen();
  const browser = await launchBrowser({ handleSIGINT: false, onPhase: tellPhase });
  try {
    tellPhase('Looking for a GPU');
    const page = await browser.newPage();
    let receive = (_report: Report): void => {};
    await page.exposeFunction('report', (report: Report) => receive(report));
    const gone = whenGone(page);
    await page.goto(new URL('/headless/experiments/page.html', server.resolvedUrls?.local[0]).href);
    const adapterName = await page.evaluate(() => window.remote.open());
    if (adapterName === undefined) throw new Complaint(NO_ADAPTER);

    const run: ExperimentBrowser['run'] = async ({ experiment, variant, epochs }, seed, listener) => {
      const result = new Promise<Result>((resolve) => {
        receive = (report) => {
          if (report.type === 'progress') listener.onProgress(report.progress);
          else if (report.type === 'epoch') listener.onEpoch(report.result);
          else resolve(report.result);
        };
      });
      // The call returns at once: Puppeteer gives up on calls that take minutes, as a run may.
      await page.evaluate((settings) => window.remote.start(settings), { id: experiment.id, variant, seed, epochs });
      return Promise.race([result, gone]);
    };
    return { adapterName, run, close: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
