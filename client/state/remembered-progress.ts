import type { Progress } from './progress.ts';

/** How far the learner has come in a lesson, at best; kept in this browser, whatever becomes of the session. */
export type Remembered = Pick<Progress, 'done' | 'total'> & {
  /** Id of the step that was looked at last; absent where an older page kept it. */
  step?: string;
};

const KEY = 'taller-progress';

/** By lesson id; empty in a browser that blocks storage. */
export function rememberedProgress(): Record<string, Remembered> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, one]) => isRemembered(one)));
  } catch {
    return {};
  }
}

/** Keeps the better of what was known and what is now. A lesson that has got more or fewer tasks begins anew. */
export function rememberProgress(lesson: string, { done, total, step }: Required<Remembered>): void {
  const all = rememberedProgress();
  const known = all[lesson];
  const best = known?.total === total ? Math.max(known.done, done) : done;
  if (best > 0) write({ ...all, [lesson]: { done: best, total, step } });
}

/** The learner starts over. */
export function forgetProgress(lesson: string): void {
  const { [lesson]: _gone, ...others } = rememberedProgress();
  write(others);
}

function isRemembered(value: unknown): value is Remembered {
  if (typeof value !== 'object' || value === null) return false;
  const { done, total, step } = value as Record<string, unknown>;
  return (
    (step === undefined || typeof step === 'string') &&
    Number.isInteger(done) &&
    Number.isInteger(total) &&
    (done as number) > 0 &&
    (done as number) <= (total as number)
  );
}

function write(all: Record<string, Remembered>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // A browser that blocks storage: the list then shows every lesson as new.
  }
}
