import { existsSync, readdirSync } from 'node:fs';
import puppeteer, { type Browser, type LaunchOptions } from 'puppeteer';
import { Complaint } from './complaint.ts';
import { findBrowser } from './find-browser.ts';

interface BrowserOptions extends Pick<LaunchOptions, 'handleSIGINT'> {
  onPhase?: (phase: string) => void;
  args?: readonly string[];
}

/**
 * Starts a headless Chrome with WebGPU.
 *
 * `LSTM_WEBGPU_ADAPTER` chooses what WebGPU runs on: `swiftshader` (the software GPU inside Chrome) or `default` (what
 * Chrome picks). Without it, Linux machines without a GPU device file get `swiftshader`, all others `default`.
 *
 * @param options `handleSIGINT: false` leaves Ctrl-C to the caller; otherwise it kills the browser and this process.
 * `args` are Chrome's. `onPhase` is told what happens until the browser is there, such as 'Starting Chrome'
 * @throws when there is no browser or it does not start; the message says what to do.
 */
export async function launchBrowser({
  handleSIGINT = true,
  onPhase,
  args = [],
}: BrowserOptions = {}): Promise<Browser> {
  const found = await findBrowser(onPhase);
  if (found === undefined) {
    throw new Complaint(
      'No Chrome found. Install Chrome or Chromium, or run `npx puppeteer browsers install chrome`, ' +
        'or set PUPPETEER_EXECUTABLE_PATH to the Chrome to use.',
    );
  }

  onPhase?.('Starting Chrome');
  try {
    return await puppeteer.launch({
      handleSIGINT,
      executablePath: found.executablePath,
      headless: found.headless,
      env: { ...process.env, ...found.env },
      args: [...chromeArguments(), ...args],
    });
  } catch (cause) {
    throw new Error(
      `Chrome does not start: ${found.executablePath}. The cause below has its own words; libraries may be missing. ` +
        'Set PUPPETEER_EXECUTABLE_PATH to use another Chrome.',
      { cause },
    );
  }
}

function chromeArguments(): string[] {
  const args = ['--enable-unsafe-webgpu', '--disable-quic', '--disable-background-networking', ...adapterArguments()];
  // Chrome's sandbox refuses to run as root, which is who one is in most containers.
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  return args;
}

/** Whether a browser started now runs WebGPU on the processor. */
export function usesSoftwareAdapter(): boolean {
  return adapter() === 'swiftshader';
}

function adapterArguments(): string[] {
  if (usesSoftwareAdapter()) return ['--use-webgpu-adapter=swiftshader'];
  // On Linux a headless Chrome leaves the GPU alone unless told to reach it through Vulkan, with no window to draw in.
  if (process.platform === 'linux')
    return ['--enable-features=Vulkan', '--use-angle=vulkan', '--disable-vulkan-surface'];
  return [];
}

function adapter(): 'default' | 'swiftshader' {
  const wanted = process.env.LSTM_WEBGPU_ADAPTER;
  if (!wanted) return process.platform === 'linux' && !hasGpuFile() ? 'swiftshader' : 'default';
  if (wanted === 'default' || wanted === 'swiftshader') return wanted;
  throw new Complaint(`LSTM_WEBGPU_ADAPTER is "${wanted}", expected "default" or "swiftshader".`);
}

function hasGpuFile(): boolean {
  if (existsSync('/dev/nvidia0')) return true;
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
}
