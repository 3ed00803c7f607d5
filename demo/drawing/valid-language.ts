/**
 * uPlot makes a number format for `navigator.language` as it loads and fails where that is no valid tag: in Chrome under a
 * POSIX locale it is "en-US@posix". So this is called first.
 */
export function makeLanguageValid(): void {
  if (!isLanguageTag(navigator.language)) Object.defineProperty(navigator, 'language', { value: 'en' });
}

function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length > 0;
  } catch {
    return false;
  }
}
