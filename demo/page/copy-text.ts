/**
 * Copies the text of an element. Some browsers give no access to the clipboard: there it is selected, for the reader to copy.
 *
 * @returns whether it was copied
 */
export async function copyText(element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return false;
  }
}
