import type { Signal } from '@preact/signals';
import { effect, signal } from '@preact/signals';

/**
 * A signal that survives a reload, in localStorage under `taller-` and its name. Text that `parse` refuses with null
 * counts as absent.
 */
export function stored<T extends string | number | boolean>(
  name: string,
  initial: T,
  parse: (text: string) => T | null,
): Signal<T> {
  const key = `taller-${name}`;
  const value = signal<T>(read(key, parse) ?? initial);
  effect(() => write(key, String(value.value)));
  return value;
}

function read<T>(key: string, parse: (text: string) => T | null): T | null {
  try {
    const text = localStorage.getItem(key);
    return text === null ? null : parse(text);
  } catch {
    // A browser that blocks storage throws at the mere mention; the choice then lasts as long as the page.
    return null;
  }
}

function write(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {
    // As above.
  }
}
