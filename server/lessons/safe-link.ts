/** Whether a link may become an `<a>`: no script, and no path, as the page's address is not the text's. */
export function isSafeLink(href: string): boolean {
  return /^(?:https?:\/\/|mailto:)/i.test(href);
}
