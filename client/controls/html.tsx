import DOMPurify from 'dompurify';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useClusterLinks } from './cluster-links.ts';

/**
 * Turns HTML of a lesson into nodes that may stand in the page. Lessons come from authors: no scripts, no forms, no
 * styles of their own that could cover the page.
 */
export function sanitize(html: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { html: true, svg: true },
    FORBID_TAGS: ['style', 'form', 'input', 'button', 'select', 'textarea', 'dialog'],
    FORBID_ATTR: ['style', 'autofocus'],
  });
  for (const link of fragment.querySelectorAll<HTMLAnchorElement>('a[href]')) {
    // The terminal stays where it is while the learner reads elsewhere.
    if (!/^https?:/.test(link.getAttribute('href') ?? '')) continue;
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
  // What scrolls sideways has to be reachable without a mouse.
  for (const wide of fragment.querySelectorAll<HTMLElement>('pre')) wide.tabIndex = 0;
  return fragment;
}

/** Sanitised HTML of a lesson. */
export function Html({ html }: { html: string }) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => host.current?.replaceChildren(sanitize(html)), [html]);
  useClusterLinks(host, html);
  return <div ref={host} class="prose" />;
}
