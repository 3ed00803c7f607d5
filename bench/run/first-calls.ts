import { launchBrowser } from '../../headless/launch-browser.ts';
import type { BenchListener } from '../bench.ts';
import type { FirstCalls } from '../measure/first-call.ts';
import { today } from '../measure/today.ts';
import type { Work } from '../works/work.ts';

/** Browsers for each work. */
const SAMPLES = 5;

/** Times the first call of each work, every sample in a browser of its own, which has compiled nothing yet. */
export async function timeFirstCalls(
  url: string,
  works: readonly Work[],
  listener: BenchListener,
  interruption: Promise<never>,
): Promise<FirstCalls> {
  const rows = works.map((work) => ({ work, samples: [] as number[] }));
  const begin = performance.now();
  listener.onPhase('measuring');
  // In turn, so that what slows the machine for a while does not fall on one work alone.
  for (let sample = 0; sample < SAMPLES; sample++) {
    for (const [index, { work, samples }] of rows.entries()) {
      samples.push(await timeFirstCall(url, work, interruption));
      const fraction = (sample * works.length + index + 1) / (SAMPLES * works.length);
      const seconds = (performance.now() - begin) / 1000;
      listener.onProgress({ fraction, remainingSeconds: seconds / fraction - seconds });
    }
  }
  return { date: today(), rows };
}

async function timeFirstCall(url: string, work: Work, interruption: Promise<never>): Promise<number> {
  const browser = await launchBrowser({ handleSIGINT: false });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    return await Promise.race([page.evaluate((wanted) => window.firstCall(wanted), work), interruption]);
  } finally {
    await browser.close();
  }
}
