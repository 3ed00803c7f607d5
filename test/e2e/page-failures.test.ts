import { expect, test } from 'vitest';
import { openDemoPages } from './demo-pages.ts';

// A reader sees in words when something goes wrong: a wrong text in a field, a connection that breaks, a GPU that is lost.

const demo = openDemoPages();

/** The words beside a field that say what is wrong with it, as a screen reader finds them. */
const problemOf = (selector: string) =>
  demo.page.$eval(selector, (field) => document.getElementById(field.getAttribute('aria-describedby')!)!.textContent);

test('a forecast waits until its fields are right, and the field says what it wants', async () => {
  await demo.page.goto(`${demo.url}lab.html`);
  await demo.page.locator('#numbers .start:enabled').wait();
  await demo.page.locator('[name=window]').fill('1');
  expect(await problemOf('[name=window]')).toBe('Window: a whole number from 2 to 500.');
  expect(await demo.isDisabled('#numbers .start')).toBe(true);
  // Another choice does not take the wrong text away.
  await demo.page.locator('#numbers .settings input[value="32"]').click();
  expect(await demo.isDisabled('#numbers .start')).toBe(true);
  await demo.page.locator('[name=window]').fill('12');
  expect(await problemOf('[name=window]')).toBe('');
  expect(await demo.isDisabled('#numbers .start')).toBe(false);
});

test('an address without a control for what it says shows a first visit', async () => {
  await demo.page.goto(`${demo.url}lab.html#numbers=stateful.12.13.20.24&text=64-0.75`);
  expect(await demo.page.$eval('#numbers input[value=stateless]', (input) => (input as HTMLInputElement).checked)).toBe(
    true,
  );
  expect(await demo.text('#text output.temperature')).toMatch(/^0\.7:/);
});

test('experiments wait until seed and epochs are right, and old curves are called what they are', async () => {
  await demo.page.goto(`${demo.url}#post=7.1`);
  const [run, verdict] = ['#post-stateless-full .lane button', '#post-stateless-full .verdict'];
  await demo.page.locator('#post .run-all:enabled').wait();
  await demo.page.locator('#post .settings summary').click();
  await demo.page.locator('#post .settings label:nth-of-type(1) input').fill('-1');
  expect(await problemOf('#post .settings label:nth-of-type(1) input')).toMatch(/^Seed: a whole number from 0 to/);
  expect(await demo.isDisabled(run)).toBe(true);
  await demo.page.locator('#post .settings label:nth-of-type(1) input').fill('7');

  await demo.page.locator(run).click();
  await demo.page.waitForSelector('#post .bar:not([hidden])');
  // Another address leaves what runs as it is.
  await demo.page.evaluate(() => (location.hash = '#post=8.2'));
  await demo.waitForText(verdict, 'Too early to tell: 1 of 5 epochs.');
  await demo.waitForText(
    '#post .picture',
    'What is shown here was trained with seed 7, for 1 epoch. The next run clears it.',
  );
  await demo.page.locator('#post .run-all:enabled').wait();
  await demo.page.locator(run).click();
  await demo.waitForText(verdict, 'Too early to tell: 2 of 5 epochs.');
  expect(await demo.text('#post .picture')).not.toContain('What is shown here was trained');
});

test('what could not be loaded is told in a line, whose button loads the page again', async () => {
  demo.expectComplaints(/Failed to (load resource|fetch)|ERR_FAILED|dynamically imported|Unable to preload/);
  let isBroken = true;
  await demo.page.setRequestInterception(true);
  demo.page.on('request', (request) => {
    const isPart = /train-now|tape-training|second-look|experiments-/.test(request.url());
    void (isBroken && isPart ? request.abort() : request.continue());
  });
  await demo.page.goto(demo.url);
  const places = ['#tape .training', '#seeds .picture', '#clock .picture', '#post .picture'];
  for (const place of places) {
    await demo.waitForText(place, 'could not be loaded. Check the connection, then: ');
    expect(await demo.page.$$eval(`${place} .not-loaded`, (lines) => lines.length)).toBe(1);
  }
  isBroken = false;
  await demo.page.locator('#seeds .not-loaded button').click();
  await demo.waitForText('#tape .training', 'Train it now');
  await demo.page.waitForSelector('#seeds .caption');
  await demo.page.waitForSelector('#clock .caption');
  await demo.page.locator('#post .run-all:enabled').wait();
  expect(await demo.page.$$('.not-loaded')).toEqual([]);
});

test('a GPU that is lost in the middle of a training is told in a line, and training goes again', async () => {
  demo.expectComplaints(/GPU|WebGPU|[Dd]evice|context/);
  await demo.page.goto(demo.url);
  await demo.page.locator('#clock .start').click();
  await demo.waitForText('#clock .words', 'epoch 1 of');
  const session = await demo.page.browser().target().createCDPSession();
  // The answer may be lost with the process.
  void session.send('Browser.crashGpuProcess').catch(() => {});
  await demo.waitForText('#clock .error', 'The browser lost the GPU. Press again to begin anew.');
  await demo.page.locator('#clock .start').click();
  await demo.waitForText('#clock .words', 'epoch 1 of');
  await demo.page.locator('#clock .stop').click();
  await demo.waitForText('#clock .words', 'Stopped');
  expect(await demo.page.$eval('#clock .start', (button) => button.checkVisibility())).toBe(true);
});
