import { useEffect, useState } from 'preact/hooks';
import type { Loaded } from './lessons.ts';

/**
 * Loads again whenever one of `inputs` changes, and shows the value that it had until the next one has come.
 *
 * @returns what is there, and a function that tries again
 */
export function useLoaded<T>(
  load: (signal: AbortSignal) => Promise<Loaded<T>>,
  inputs: unknown[],
): [Loaded<T>, () => void] {
  const [loaded, setLoaded] = useState<Loaded<T>>({ status: 'loading' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    void load(controller.signal).then((result) => {
      if (!controller.signal.aborted) setLoaded(result);
    });
    return () => controller.abort();
  }, [...inputs, attempt]);
  return [loaded, () => setAttempt(attempt + 1)];
}
