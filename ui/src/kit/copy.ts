// Puts text on the clipboard, by the second way where the webview has not the first.

/** Copies `text`; false when the system refused. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'said-only';
  const before = document.activeElement;
  document.body.append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } catch {
    return false; // neither way: the caller shows the text to be copied by hand
  } finally {
    area.remove();
    if (before instanceof HTMLElement) before.focus();
  }
}
