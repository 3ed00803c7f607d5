/** Lets files be dropped on an element, which is marked while some are above it. */
export function takeDrops(zone: HTMLElement, open: (files: readonly File[]) => void): void {
  for (const type of ['dragover', 'drop'] as const) {
    zone.addEventListener(type, (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      zone.toggleAttribute('data-over', type === 'dragover');
      if (type === 'drop') open([...event.dataTransfer.files]);
    });
  }
  zone.addEventListener('dragleave', () => zone.toggleAttribute('data-over', false));
}
