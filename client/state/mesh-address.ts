/** Whether an address in a terminal, as `istioctl dashboard` prints it, is that of the mesh view of this page. */
export function isMeshAddress(address: string, page: { origin: string; pathname: string }): boolean {
  const url = URL.canParse(address) ? new URL(address) : null;
  const lesson = /^\/[a-z]+(\/lessons\/[a-z0-9-]+)$/.exec(page.pathname)?.[1];
  return url !== null && lesson !== undefined && url.origin === page.origin && url.pathname === `${lesson}/mesh`;
}
