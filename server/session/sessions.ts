import type { LessonDefinition } from '../lessons/definition.ts';
import { UserError } from '../errors.ts';
import { createSession, type LessonChange, type Session, type SessionDeps } from './session.ts';

export interface SessionsOptions extends SessionDeps {
  /** Sessions at the same time; each has shells of its own. Default 100. */
  maxSessions?: number;
  /** How long a session without a page is kept. Milliseconds, default 30 minutes. */
  idleMs?: number;
}

/** All sessions of the server, one per learner and lesson. */
export interface Sessions {
  /**
   * The learner's session in this lesson, made if there is none. Hold it while a page shows it:
   * `release` starts the clock after which it is thrown away.
   * @param place the page that it is for, and what its learner has agreed to
   * @throws UserError TOO_MANY_SESSIONS
   */
  acquire(
    learner: string,
    lesson: LessonDefinition,
    place?: Pick<SessionDeps, 'origin' | 'realCluster'>,
  ): Promise<{ session: Session; release(): void }>;
  /** Tells the sessions in a lesson what its author has changed. */
  change(lesson: string, change: LessonChange): Promise<void>;
  readonly size: number;
  dispose(): Promise<void>;
}

const DEFAULT_MAX_SESSIONS = 100;
const DEFAULT_IDLE_MS = 30 * 60_000;

interface Entry {
  session: Promise<Session>;
  holders: number;
  reaper: NodeJS.Timeout | undefined;
}

export function createSessions(options: SessionsOptions): Sessions {
  const { maxSessions = DEFAULT_MAX_SESSIONS, idleMs = DEFAULT_IDLE_MS, logger } = options;
  const entries = new Map<string, Entry>();

  const remove = async (key: string, entry: Entry) => {
    clearTimeout(entry.reaper);
    if (entries.get(key) === entry) entries.delete(key);
    await (await entry.session).dispose();
  };
  const reap = (key: string, entry: Entry) => {
    remove(key, entry).catch((error: unknown) => logger.error(`cannot end session ${key}`, error));
  };
  /** The one without a page for longest makes room; a learner who looks at a lesson is never thrown out. */
  const makeRoom = () => {
    if (entries.size < maxSessions) return;
    for (const [key, entry] of entries) {
      if (entry.holders > 0) continue;
      reap(key, entry);
      return;
    }
    throw new UserError('TOO_MANY_SESSIONS', `All ${maxSessions} sessions are in use. Try again in a few minutes.`);
  };

  const sessions: Sessions = {
    async acquire(learner, lesson, place = {}) {
      const key = `${learner}/${lesson.id}`;
      let entry = entries.get(key);
      if (!entry) {
        makeRoom();
        entry = { session: createSession(lesson, { ...options, ...place }), holders: 0, reaper: undefined };
        entries.set(key, entry);
      }
      const held = entry;
      clearTimeout(held.reaper);
      held.holders++;
      let released = false;
      const release = () => {
        if (released) return;
        released = true;
        if (--held.holders > 0) return;
        // Last in the map is last to make room.
        if (entries.get(key) === held) {
          entries.delete(key);
          entries.set(key, held);
        }
        held.reaper = setTimeout(() => reap(key, held), idleMs);
        held.reaper.unref();
      };
      const session = await held.session.catch((error: unknown) => {
        if (entries.get(key) === held) entries.delete(key);
        throw error;
      });
      if (!session.isLost) return { session, release };
      release();
      if (entries.get(key) === held) reap(key, held);
      return sessions.acquire(learner, lesson, place);
    },
    async change(lesson, change) {
      const suffix = `/${lesson}`;
      const sessions = [...entries].flatMap(([key, { session }]) => (key.endsWith(suffix) ? [session] : []));
      // One that could not be made has told its page so.
      for (const made of await Promise.allSettled(sessions)) if (made.status === 'fulfilled') made.value.change(change);
    },
    get size() {
      return entries.size;
    },
    async dispose() {
      await Promise.allSettled([...entries].map(([key, entry]) => remove(key, entry)));
    },
  };
  return sessions;
}
