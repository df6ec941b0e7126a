import { useEffect, useState } from 'preact/hooks';
import { messages } from '../state/navigation.ts';
import { copyText } from './copy-text.ts';
import { Icon } from './icon.tsx';

/** How long the button says that it worked. */
const COPIED_MS = 2000;

export function CopyButton({ text, name }: { text: string; name: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state !== 'copied') return;
    const timer = setTimeout(() => setState('idle'), COPIED_MS);
    return () => clearTimeout(timer);
  }, [state]);

  const t = messages.value.run;
  return (
    <>
      <button
        type="button"
        class="button button--quiet"
        aria-label={name}
        onClick={() => void copyText(text).then((copied) => setState(copied ? 'copied' : 'failed'))}
      >
        <Icon name={state === 'copied' ? 'check' : 'copy'} />
        {state === 'copied' ? t.copied : t.copy}
      </button>
      <span role="status" class={state === 'failed' ? 'note' : 'visually-hidden'}>
        {state === 'copied' ? t.copied : state === 'failed' ? t.copyFailed : ''}
      </span>
    </>
  );
}
