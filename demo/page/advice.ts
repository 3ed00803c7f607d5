import type { Obstacle } from './webgpu.ts';

/** Says what is missing for training, and what to do about it. */
export interface Advice {
  what: string;
  remedy: string;
}

/**
 * Tells what to do about an obstacle in this browser.
 *
 * @param agent `navigator.userAgent`
 */
export function adviceOn(obstacle: Obstacle, agent: string): Advice {
  if (obstacle === 'insecure') {
    return {
      what: 'This page did not come over a secure connection, and browsers offer WebGPU to no other.',
      remedy: 'Open it over https, or from localhost.',
    };
  }
  if (obstacle === 'no adapter')
    return { what: 'This browser has WebGPU, but offers no GPU for it.', remedy: hardware(agent) };
  return { what: 'This browser does not offer WebGPU.', remedy: setting(agent) };
}

/** The setting that lets a browser use the GPU at all. */
function hardware(agent: string): string {
  const browser = browserOf(agent);
  if (isLinux(agent) && /Chrome|Edge/.test(browser)) return linuxFlags(browser);
  const where = {
    Edge: 'at edge://settings/system turn on “Use graphics acceleration when available”',
    Chrome: 'at chrome://settings/system turn on “Use graphics acceleration when available”',
    Firefox: 'under Settings, General, Performance turn on “Use hardware acceleration when available”',
    Safari: 'bring macOS or iOS up to date',
    other: 'turn on hardware acceleration in the settings of the browser',
  }[browser];
  return `To train here, ${where}, then start the browser again. An old graphics driver can be the reason, too.`;
}

/** The setting, or the version, that brings WebGPU to a browser. */
function setting(agent: string): string {
  switch (browserOf(agent)) {
    case 'Firefox':
      return (
        'Firefox has it on Windows from version 141 and on Macs with Apple silicon from 147. Elsewhere open about:config, ' +
        'set dom.webgpu.enabled to true, and start Firefox again; or use Firefox Nightly.'
      );
    case 'Safari':
      return (
        'Safari has it from version 26. In older ones turn on WebGPU under Feature Flags, ' +
        'in the settings for developers on a Mac and in Settings, Apps, Safari, Advanced on a phone.'
      );
    case 'Chrome':
    case 'Edge': {
      const browser = browserOf(agent);
      if (/Android/.test(agent)) return `${browser} has it on Android 12 and later, from version 121.`;
      return isLinux(agent) ? linuxFlags(browser) : `${browser} has it from version 113: bring it up to date.`;
    }
    default:
      return 'Open this page in a current Chrome, Edge, Firefox or Safari.';
  }
}

function linuxFlags(browser: string): string {
  const flags = `${browser.toLowerCase()}://flags`;
  return (
    `On Linux, ${browser} has WebGPU for some GPUs only. For others turn on ${flags}/#enable-unsafe-webgpu and ` +
    `${flags}/#enable-vulkan, then start ${browser} again.`
  );
}

function isLinux(agent: string): boolean {
  return /Linux|X11/.test(agent) && !/Android/.test(agent);
}

function browserOf(agent: string): 'Edge' | 'Chrome' | 'Firefox' | 'Safari' | 'other' {
  // On a phone of Apple all browsers are Safari inside.
  if (/iPhone|iPad/.test(agent)) return 'Safari';
  if (/EdgA?\//.test(agent)) return 'Edge';
  if (/Firefox\//.test(agent)) return 'Firefox';
  if (/Version\/[\d.]+ .*Safari\//.test(agent)) return 'Safari';
  return /Chrom(e|ium)\//.test(agent) ? 'Chrome' : 'other';
}
