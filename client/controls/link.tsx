import type { ComponentChildren } from 'preact';
import { navigate } from '../state/navigation.ts';

interface LinkProps {
  href: string;
  class?: string;
  label?: string;
  children: ComponentChildren;
}

/** A link inside the page, followed without loading anew unless the learner wants another tab. */
export function Link({ href, class: className, label, children }: LinkProps) {
  return (
    <a
      href={href}
      class={className}
      aria-label={label}
      onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        navigate(href);
      }}
    >
      {children}
    </a>
  );
}

/** False when the browser should open another tab or window. */
export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}
