import type { Lesson, ListedLesson } from '../../common/lesson.ts';
import type { LessonProblem } from '../../common/protocol.ts';
import type { Locale } from '../../common/locale.ts';

/** `missing`: the server has no such thing; `problems` are what its author has to mend, if it is there at all. `failed`: it could not say; `reason` is English or the browser's. */
export type Loaded<T> =
  | { status: 'loading' }
  | { status: 'ready'; value: T }
  | { status: 'missing'; problems: readonly LessonProblem[] }
  | { status: 'failed'; reason: string };

export function loadLessons(locale: Locale, signal: AbortSignal): Promise<Loaded<ListedLesson[]>> {
  return load(`/api/lessons?locale=${locale}`, signal);
}

export function loadLesson(id: string, locale: Locale, signal: AbortSignal): Promise<Loaded<Lesson>> {
  return load(`/api/lessons/${encodeURIComponent(id)}?locale=${locale}`, signal);
}

async function load<T>(url: string, signal: AbortSignal): Promise<Loaded<T>> {
  try {
    const response = await fetch(url, { signal, headers: { accept: 'application/json' } });
    if (response.status === 404) {
      const { problems = [] } = (await response.json()) as { problems?: LessonProblem[] };
      return { status: 'missing', problems };
    }
    if (!response.ok) return { status: 'failed', reason: `${response.status} ${response.statusText}`.trim() };
    return { status: 'ready', value: (await response.json()) as T };
  } catch (error) {
    return { status: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}
