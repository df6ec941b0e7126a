import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { ingressUrl } from '../../common/ingress-url.ts';
import { ingress } from '../state/ingress.ts';
import { messages } from '../state/navigation.ts';

/** Leads the links of a text that point into the learner's cluster to where it is. @param html the text in `host` */
export function useClusterLinks(host: RefObject<HTMLElement | null>, html: string): void {
  const name = ingress.value;
  const { clusterElsewhere } = messages.value.link;
  useLayoutEffect(() => {
    for (const link of host.current?.querySelectorAll<HTMLAnchorElement>('a[data-cluster-address]') ?? []) {
      const url = name === null ? null : ingressUrl(location, name, link.dataset['clusterAddress'] ?? '');
      link.target = '_blank';
      link.rel = 'noopener noreferrer';
      if (url !== null) link.href = url;
      else link.removeAttribute('href');
      link.title = url === null && name !== null ? clusterElsewhere : '';
    }
  }, [host, html, name, clusterElsewhere]);
}
