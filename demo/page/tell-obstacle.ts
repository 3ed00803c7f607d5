import { adviceOn } from './advice.ts';
import { obstacle } from './webgpu.ts';

/**
 * Takes away what needs training where nothing can train, and tells why in the box of the page.
 *
 * The place of what trains is kept until it is known whether anything can, so that no button is dead and nothing jumps.
 */
export async function tellObstacle(): Promise<void> {
  const found = await obstacle();
  document.documentElement.dataset.asked = '';
  for (const element of document.querySelectorAll<HTMLElement>('.needs-training')) element.hidden = found !== undefined;
  if (!found) return;
  const { what, remedy } = adviceOn(found, navigator.userAgent);
  const box = document.querySelector<HTMLElement>('#obstacle')!;
  box.querySelector('.what')!.textContent = what;
  box.querySelector('.remedy')!.textContent = remedy;
  box.hidden = false;
}
