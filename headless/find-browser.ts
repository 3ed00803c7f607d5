import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer from 'puppeteer';
import { Complaint } from './complaint.ts';
import { packagedChromium } from './packaged-chromium.ts';

/** A browser that can be started, and what it needs for that. */
interface FoundBrowser {
  executablePath: string;
  /** `'shell'` for the small headless-only Chrome, which knows no other mode; `true` for a whole Chrome. */
  headless: true | 'shell';
  /** Environment variables to start it with, besides those of this process. */
  env: Record<string, string>;
}

/**
 * Finds a Chrome: the one that `PUPPETEER_EXECUTABLE_PATH` names, one which Puppeteer installed, one of the system, and
 * last the one inside `@sparticuz/chromium` (Linux x64). `undefined` where there is none.
 *
 * @param onPhase is told when the latter is unpacked, which takes some seconds
 * @throws Complaint when `PUPPETEER_EXECUTABLE_PATH` names a file that does not exist.
 */
export async function findBrowser(onPhase?: (phase: string) => void): Promise<FoundBrowser | undefined> {
  const executablePath = named() ?? installedByPuppeteer() ?? installedOnSystem();
  if (executablePath !== undefined) return { executablePath, headless: true, env: {} };

  const packaged = await packagedChromium(onPhase);
  return packaged && { ...packaged, headless: 'shell' };
}

function named(): string | undefined {
  const path = process.env.PUPPETEER_EXECUTABLE_PATH;
  if (path && !existsSync(path)) {
    throw new Complaint(`PUPPETEER_EXECUTABLE_PATH names ${path}, which does not exist. Correct it or unset it.`);
  }
  return path || undefined;
}

function installedByPuppeteer(): string | undefined {
  try {
    const path = puppeteer.executablePath();
    return existsSync(path) ? path : undefined;
  } catch {
    // Puppeteer throws where it has no browser; that is an answer here, not an error.
    return undefined;
  }
}

function installedOnSystem(): string | undefined {
  return systemPlaces().find((path) => existsSync(path));
}

function systemPlaces(): string[] {
  const { env, platform } = process;
  if (platform === 'darwin') {
    return ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (platform === 'win32') {
    return [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA]
      .filter((folder) => folder !== undefined)
      .map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'));
  }
  const names = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser'];
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}
