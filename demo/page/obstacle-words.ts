import type { Obstacle } from './webgpu.ts';

/** What stands in the way of training, and what to do about it, as sentences. */
export interface ObstacleWords {
  what: string;
  advice: string;
}

/** Says what stands in the way, with the setting of this browser that removes it. @param userAgent of the browser */
export function obstacleWords(obstacle: Obstacle, userAgent: string): ObstacleWords {
  if (obstacle === 'insecure') {
    return {
      what: 'This page came over a connection that is not secure, and browsers offer WebGPU to no such page.',
      advice: 'Open it over https, or from localhost.',
    };
  }
  const browser = browserOf(userAgent);
  if (obstacle === 'no WebGPU') {
    return { what: 'This browser does not offer WebGPU, with which networks train here.', advice: TURN_ON[browser] };
  }
  return { what: 'This browser knows WebGPU, but finds no GPU that it may use.', advice: FIND_GPU[browser] };
}

type Browser = 'firefox' | 'ios' | 'safari' | 'edge' | 'linux' | 'chrome' | 'other';

/** The browser by the name that it gives itself; the names of others stand in it too, so the order counts. */
function browserOf(userAgent: string): Browser {
  if (/Firefox\//.test(userAgent)) return 'firefox';
  // Every browser of an iPhone is Safari underneath, and takes its settings.
  if (/iPhone|iPad/.test(userAgent)) return 'ios';
  if (/Edg\//.test(userAgent)) return 'edge';
  if (/Chrome\//.test(userAgent)) return /Linux/.test(userAgent) && !/Android/.test(userAgent) ? 'linux' : 'chrome';
  return /Safari\//.test(userAgent) ? 'safari' : 'other';
}

const TURN_ON: Record<Browser, string> = {
  firefox: 'In Firefox open about:config, set dom.webgpu.enabled to true, and load this page again.',
  ios: 'Bring iOS up to date. In an older one turn WebGPU on in Settings → Apps → Safari → Advanced → Feature Flags.',
  safari: 'Bring Safari up to date. In an older one turn WebGPU on in the menu Develop → Feature Flags.',
  edge: 'Bring Edge up to date, or turn on edge://flags/#enable-unsafe-webgpu and start it again.',
  linux: 'Turn on chrome://flags/#enable-unsafe-webgpu, and start the browser again.',
  chrome: 'Bring Chrome up to date, or turn on chrome://flags/#enable-unsafe-webgpu and start it again.',
  other: 'Open this page in a current Chrome, Edge, Firefox or Safari.',
};

const FIND_GPU: Record<Browser, string> = {
  ...TURN_ON,
  firefox:
    'In Firefox turn on “Use hardware acceleration when available” in the settings, and bring the driver up to date.',
  edge: 'Turn on graphics acceleration at edge://settings/system, and bring the graphics driver up to date.',
  linux:
    'Turn on graphics acceleration at chrome://settings/system and chrome://flags/#enable-unsafe-webgpu, and start the ' +
    'browser again.',
  chrome: 'Turn on graphics acceleration at chrome://settings/system, and bring the graphics driver up to date.',
};
