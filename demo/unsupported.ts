/** Says what is missing for WebGPU here, and what to do about it. */
export function showUnsupported(section: HTMLElement, error: unknown): void {
  const { what, advice } = explain(error);
  section.querySelector('.what')!.textContent = what;
  section.querySelector('.advice')!.textContent = advice;
  section.hidden = false;
}

function explain(error: unknown): { what: string; advice: string } {
  if (!isSecureContext) {
    return {
      what: 'This page was not opened over a secure connection, and browsers offer WebGPU to no other.',
      advice: 'Open it over https, or from localhost.',
    };
  }
  if (!navigator.gpu) {
    return {
      what: 'This browser does not offer WebGPU.',
      advice:
        'Use a current Chrome, Edge, Safari or Firefox. On Linux, Chrome may ask for it to be turned on at ' +
        'chrome://flags/#enable-unsafe-webgpu.',
    };
  }
  return {
    what: error instanceof Error ? error.message : String(error),
    advice: 'Turn on hardware acceleration in the settings of the browser, and bring the graphics driver up to date.',
  };
}
