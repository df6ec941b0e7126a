/** The part of a KeyboardEvent that matters here. */
export interface Key {
  type: string;
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

/** What becomes of a key: the terminal gets it, nobody gets it, or the browser moves the focus with it. */
export type KeyFate = 'terminal' | 'nobody' | 'browser';

const ESCAPE = '\x1b';
const MODIFIERS = new Set(['Shift', 'Control', 'Alt', 'Meta', 'CapsLock']);

export interface LeaveKeys {
  key(key: Key): KeyFate;
  /** The focus left by other means. */
  forget(): void;
}

/**
 * Esc, then Tab or Shift+Tab, leaves the terminal, which otherwise keeps Tab for completion.
 *
 * At the prompt Esc is held back until the next key shows what it was for: bash would take it for the start of a
 * meta key, and the learner's first letter after coming back would be lost.
 */
export function createLeaveKeys(deps: { atPrompt(): boolean; send(data: string): void }): LeaveKeys {
  let escape: 'none' | 'held' | 'sent' = 'none';

  return {
    key({ type, key, ctrlKey, altKey, metaKey }) {
      if (type !== 'keydown' || MODIFIERS.has(key)) return 'terminal';
      const before = escape;
      const plain = !ctrlKey && !altKey && !metaKey;
      if (key === 'Tab' && plain && before !== 'none') {
        escape = 'none';
        return 'browser';
      }
      if (before === 'held') deps.send(ESCAPE);
      escape = 'none';
      if (key !== 'Escape' || !plain) return 'terminal';
      escape = deps.atPrompt() ? 'held' : 'sent';
      return escape === 'held' ? 'nobody' : 'terminal';
    },
    forget() {
      escape = 'none';
    },
  };
}
