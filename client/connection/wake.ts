/** What may have happened to the network: it came back, or the page is looked at again after a while. */
export type WakeReason = 'online' | 'visible';

/** Calls `listener` at those moments. @returns a function that ends this */
export function onWake(listener: (reason: WakeReason) => void): () => void {
  const online = (): void => listener('online');
  const visible = (): void => {
    if (document.visibilityState === 'visible') listener('visible');
  };
  window.addEventListener('online', online);
  document.addEventListener('visibilitychange', visible);
  return () => {
    window.removeEventListener('online', online);
    document.removeEventListener('visibilitychange', visible);
  };
}
