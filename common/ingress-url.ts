/**
 * Where a browser finds what a learner's cluster shows to the world: `http://HOST.NAME.localhost:PORT/PATH`. Browsers
 * take every name below `localhost` for the machine itself, and each name is an origin of its own, so what runs in a
 * cluster cannot reach the page of the lesson.
 *
 * @param page address of the lesson's page
 * @param name the label that the server made for the cluster
 * @param address `cluster://HOST/PATH` as lessons write it; without a host it is the ingress gateway itself
 * @returns null when the page came from another machine, or the address cannot be read
 */
export function ingressUrl(page: { hostname: string; port: string }, name: string, address: string): string | null {
  const match = CLUSTER_ADDRESS.exec(address);
  if (match === null || !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(page.hostname)) return null;
  const [, host = '', path = ''] = match;
  const port = page.port === '' ? '' : `:${page.port}`;
  return `http://${host === '' ? '' : `${host}.`}${name}.localhost${port}${path || '/'}`;
}

/** An address in the cluster, as an author writes it into a link. */
export const CLUSTER_ADDRESS = /^cluster:\/\/([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)?(\/[^\s"'<>]*)?$/i;

/**
 * What {@link ingressUrl} put into a Host header.
 * @returns null when the host is no ingress's
 */
export function parseIngressHost(hostHeader: string | undefined): { name: string; host: string; port: string } | null {
  const match = /^(?:([a-z0-9.-]+)\.)?([0-9a-f]{20})\.localhost(?::(\d{1,5}))?$/i.exec(hostHeader ?? '');
  if (match === null) return null;
  const [, host = '', name = '', port = ''] = match;
  return { host: host.toLowerCase(), name: name.toLowerCase(), port };
}
