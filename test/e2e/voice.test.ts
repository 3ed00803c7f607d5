import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-web';
import type { Browser, ElementHandle } from 'puppeteer';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { syntheticVoice } from '../../demo/voice/synthetic-voice.ts';
import { RATE } from '../../demo/voice/sound.ts';
import { launchBrowser } from '../../headless/launch-browser.ts';
import { NOT_CLAMPED } from '../harness/not-clamped.ts';
import { sileroProbabilities } from '../harness/silero.ts';
import { openDemoPages } from './demo-pages.ts';
import { serveFolder } from './serve-folder.ts';

let folder: string;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voice-'));
  await writeFile(join(folder, 'voice.wav'), wavOf(heard));
  // Chrome's microphone plays the file again and again.
  browser = await launchBrowser({
    args: [
      NOT_CLAMPED,
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-audio-capture=${join(folder, 'voice.wav')}`,
    ],
  });
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

const demo = openDemoPages({
  get browser() {
    return browser;
  },
});

/** The samples of a voice as a file of 16 bits has them. */
const heard = syntheticVoice(7, 8).map((sample) => Math.round(sample * 32767) / 32768);

/** A file of one channel, or of several with the same samples. */
function wavOf(samples: Float32Array, rate = RATE, channels = 1): Buffer {
  const bytes = samples.length * channels * 2;
  const file = Buffer.alloc(44 + bytes);
  file.write('RIFF');
  file.writeUInt32LE(36 + bytes, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  [1, channels].forEach((value, n) => file.writeUInt16LE(value, 20 + 2 * n));
  [rate, rate * channels * 2].forEach((value, n) => file.writeUInt32LE(value, 24 + 4 * n));
  [channels * 2, 16].forEach((value, n) => file.writeUInt16LE(value, 32 + 2 * n));
  file.write('data', 36);
  file.writeUInt32LE(bytes, 40);
  samples.forEach((sample, n) => {
    for (let channel = 0; channel < channels; channel++)
      file.writeInt16LE(Math.round(sample * 32768), 44 + 2 * (n * channels + channel));
  });
  return file;
}

const open = (hash = '') => demo.page.goto(`${demo.url}voice.html${hash}`);
async function choose(name: string, content?: Uint8Array | string): Promise<void> {
  const path = join(folder, name);
  if (content !== undefined) await writeFile(path, content);
  const field = (await demo.page.$('[name=file]')) as ElementHandle<HTMLInputElement>;
  await field.uploadFile(path);
}
/** The probabilities in the table of the page. */
async function probabilities(): Promise<number[]> {
  await demo.page.$eval('.table-twin', (details) => ((details as HTMLDetailsElement).open = true));
  await demo.page.waitForSelector('.table-twin tbody tr');
  return demo.page.$$eval('.table-twin tr td:last-child', (cells) =>
    cells.map(({ textContent }) => Number(textContent)),
  );
}

test('a file has the probabilities of ONNX Runtime, and the threshold decides what is speech', async () => {
  await open();
  await choose('voice.wav');
  await demo.waitForText('.summary', 'voice.wav: 8.0 s, ready to be heard.');
  await demo.page.locator('[data-run=file]').click();
  await demo.waitForText('.verdict', /^Speech in \d stretches, \d\.\d of 8\.0 s\. Real-time factor \d/);

  const file = await readFile('node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx');
  const expected = (await sileroProbabilities(ort, file, [heard])).flat();
  const found = await probabilities();
  expect(found).toHaveLength(expected.length);
  const worst = Math.max(...found.map((value, n) => Math.abs(value - expected[n])));
  process.stdout.write(`  worst difference from ONNX Runtime: ${worst.toExponential(1)}\n`);
  expect(worst).toBeLessThan(1e-4);
  // It has heard both.
  expect(Math.min(...found)).toBeLessThan(0.05);
  expect(Math.max(...found)).toBeGreaterThan(0.95);

  const stretches = await demo.page.$$eval('.stretches li', (items) => items.map(({ textContent }) => textContent));
  expect(stretches.length).toBeGreaterThan(1);
  for (const stretch of stretches) expect(stretch).toMatch(/^\d\.\d\d s to \d\.\d\d s$/);
  await demo.page.locator('[name=threshold]').fill('0.9');
  await demo.page.waitForFunction(() => location.hash === '#voice=0.9');
  const later = await demo.page.$$eval('.stretches li', (items) => items.map(({ textContent }) => textContent));
  expect(later).not.toEqual(stretches);

  // A file of another rate and of two channels is brought to the same sound.
  await choose(
    'other.wav',
    wavOf(
      heard.filter((_, n) => n % 2 === 0),
      RATE / 2,
      2,
    ),
  );
  await demo.waitForText('.summary', 'other.wav: 8.0 s, ready to be heard.');
  await demo.page.locator('[data-run=file]').click();
  await demo.waitForText('.verdict', /^Speech in \d/);
});

test('a microphone is followed until it is stopped, and then all that it heard is shown', async () => {
  await open();
  await demo.page.locator('[data-run=microphone]').click();
  await demo.page.waitForFunction(() => document.querySelectorAll('.stretches li').length >= 2);
  await demo.waitForText('.words', /^\d+\.\d s heard, probability \d\.\d\d: (no )?speech\. Real-time factor/);
  await demo.page.locator('.stop').click();
  await demo.waitForText('.verdict', /^Speech in \d+ stretches/);
  expect((await probabilities()).length).toBeGreaterThan(60);
  expect(await demo.isVisible('[data-run=microphone]')).toBe(true);
});

test('a microphone that is refused, and one that is not there, are told with what to do', async () => {
  const refusing = await launchBrowser({
    args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny'],
  });
  try {
    const page = await refusing.newPage();
    await page.goto(`${demo.url}voice.html`);
    await page.locator('[data-run=microphone]').click();
    await page.waitForFunction(() => document.querySelector('.error')!.textContent);
    expect(await page.$eval('.error', ({ textContent }) => textContent)).toContain(
      'The browser does not let this page listen. Allow it the microphone',
    );
    expect(await page.$eval('.verdict', ({ textContent }) => textContent)).toBe('');
  } finally {
    await refusing.close();
  }

  await open();
  await demo.page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('none', 'NotFoundError'));
  });
  await demo.page.locator('[data-run=microphone]').click();
  await demo.waitForText('.error', 'There is no microphone. Connect one and press again, or open a file.');
});

test('a file that is no sound is told, and takes away the one before', async () => {
  await open();
  await choose('voice.wav');
  await demo.page.waitForSelector('[data-run=file]:not([hidden])');
  await choose('notes.txt', 'Is anyone speaking?');
  await demo.waitForText('.summary', 'notes.txt is no sound that this browser can read.');
  expect(await demo.isVisible('[data-run=file]')).toBe(false);
  await choose('short.wav', wavOf(heard.slice(0, 500)));
  await demo.waitForText('.summary', 'short.wav is shorter than the 32 ms that the detector hears at a time.');
  await choose('long.wav', wavOf(new Float32Array(8000 * 601), 8000));
  await demo.waitForText('.summary', 'long.wav is 10:01 min long. Sounds of up to 10:00 min are taken.');
});

test('a model that is not there, and one that is another file, are told', async () => {
  demo.expectComplaints(/./);
  const copy = join(folder, 'copy');
  await cp(inject('demoFolder'), copy, { recursive: true });
  const model = (await readdir(join(copy, 'assets'))).find((name) => name.endsWith('.onnx'))!;
  await rm(join(copy, 'assets', model));
  const server = await serveFolder(copy);
  try {
    await demo.page.goto(`${server.url}voice.html`);
    await demo.page.locator('[data-run=sample]').click();
    await demo.waitForText('.error', 'The model could not be loaded: the host answers 404.');
    await writeFile(join(copy, 'assets', model), '<!doctype html><title>No such page</title>');
    await demo.page.locator('[data-run=sample]').click();
    await demo.waitForText('.error', 'The file of the voice detector');
    expect(await demo.text('.verdict')).toBe('');
  } finally {
    await server.close();
  }
});
