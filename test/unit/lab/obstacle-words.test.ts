import { expect, test } from 'vitest';
import { obstacleWords } from '../../../demo/page/obstacle-words.ts';

const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const agents = {
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  safari: `${MAC} Version/18.0 Safari/605.1.15`,
  iPhone: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/140.0 Mobile Safari/604.1',
  edge: `${MAC} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`,
  linux: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  android:
    'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  other: 'Lynx/2.9.0',
};

test.each([
  ['firefox', /about:config/],
  ['safari', /Develop → Feature Flags/],
  ['iPhone', /Settings → Apps → Safari/],
  ['edge', /edge:\/\/flags/],
  ['linux', /^Turn on chrome:\/\/flags\/#enable-unsafe-webgpu/],
  ['android', /^Bring Chrome up to date/],
  ['other', /current Chrome, Edge, Firefox or Safari/],
] as const)('%s is told the setting of its own', (browser, advice) => {
  expect(obstacleWords('no WebGPU', agents[browser]).advice).toMatch(advice);
});

test('a browser without an adapter is told where graphics acceleration is turned on', () => {
  expect(obstacleWords('no adapter', agents.android).advice).toContain('chrome://settings/system');
  expect(obstacleWords('no adapter', agents.edge).advice).toContain('edge://settings/system');
});

test('a page without a secure connection is told so, whatever the browser', () => {
  expect(obstacleWords('insecure', agents.firefox)).toEqual(obstacleWords('insecure', agents.other));
});
