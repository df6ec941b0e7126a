import type { ComponentChild } from 'preact';
import { render } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Block } from '../../common/lesson.ts';
import { useClusterLinks } from '../controls/cluster-links.ts';
import { sanitize } from '../controls/html.tsx';

interface ProseProps {
  /** Unsanitised; blocks are `<div data-block="ID"></div>`. */
  html: string;
  blocks: Block[];
  renderBlock(block: Block): ComponentChild;
}

/** The text of a step. It owns its nodes; each block in it is a small tree of components of its own. */
export function Prose({ html, blocks, renderBlock }: ProseProps) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const text = sanitize(html);
    const places = [...text.querySelectorAll<HTMLElement>('[data-block]')];
    host.current?.replaceChildren(text);
    for (const place of places) {
      const block = blocks.find((candidate) => candidate.id === place.dataset['block']);
      // The component below carries the id; twice in the document it would be ambiguous.
      delete place.dataset['block'];
      if (block) render(renderBlock(block), place);
    }
    return () => {
      for (const place of places) render(null, place);
    };
  }, [html, blocks, renderBlock]);
  useClusterLinks(host, html);
  return <div ref={host} class="prose" />;
}
