import type { MeshMessages } from './mesh-messages.ts';
import type { ClauseFailure, LessonLevel, RunFailure, RunOrigin } from '../lesson.ts';
import type { MeshParty } from '../mesh.ts';

/**
 * Every word that the page says. One value per language; a language that misses an entry does not compile.
 * Sentences hold their data as arguments, so that each language orders them in its own way. What stands between
 * backticks is code, see `splitSentence`. Lessons, commands and what commands print are not part of this.
 */
export interface Messages {
  app: {
    skipToLesson: string;
    skipToTerminal: string;
    loading: string;
    /** Title of the browser's tab; parts go from the most special to the most general. */
    title(parts: string[]): string;
  };
  home: {
    heading: string;
    intro: string;
    empty: string;
    minutes(minutes: number): string;
    steps(count: number): string;
    level: Record<LessonLevel, string>;
    /** Of Istio, where it is not today's: `1.4`. */
    release(version: string): string;
    /** In front of the number that shows a lesson's place in its course. */
    position(number: number): string;
    tasks(done: number, total: number): string;
    done: string;
    start: string;
    goOn: string;
    again: string;
  };
  problem: {
    lessonNotFound: string;
    lessonNotFoundText(id: string): string;
    pageNotFound: string;
    pageNotFoundText: string;
    loadFailed: string;
    /** `reason`: what the browser or the server said, in its own language. */
    loadFailedText(reason: string): string;
    retry: string;
    allLessons: string;
  };
  header: {
    home: string;
    language: string;
    theme: Record<'system' | 'light' | 'dark', string>;
    restart: string;
  };
  connection: {
    connecting: string;
    connected: string;
    reconnecting: string;
    closed: string;
    /** Why the page does not try again, and the button that ends this. */
    expired: string;
    upgrade: string;
    takenOver: string;
    notFound: string;
    broken: string;
    refused: string;
    reload: string;
    useHere: string;
    tryAgain: string;
  };
  /** The server has thrown away what the learner had made, since no page showed it for long or it was started again. */
  startedAnew: {
    text: string;
    first: string;
    close: string;
  };
  /** Before a lesson works on a cluster that is not Taller's own. */
  realCluster: {
    heading: string;
    text: string;
    server: string;
    context: string;
    user: string;
    rights: string;
    confirm: string;
    /** There is none, or it could not be used; what its tools say of it stands below. */
    unusable: string;
    tryAgain: string;
  };
  /** For an author whose lesson is being watched. */
  author: {
    problems(count: number): string;
    /** Of a lesson that has never been sound since the server started. */
    unreadable(count: number): string;
    stale: string;
  };
  link: {
    /** Why a link into the learner's cluster leads nowhere in this page. */
    clusterElsewhere: string;
  };
  steps: {
    navigation: string;
    position(step: number, total: number): string;
    previous: string;
    next: string;
    /** Accessible names of the two, with where they lead. */
    previousTo(title: string): string;
    nextTo(title: string): string;
    outline: string;
    state: Record<'reading' | 'todo' | 'started' | 'done', string>;
    tasks(done: number, total: number): string;
    progress(done: number, total: number): string;
  };
  run: {
    run: string;
    again: string;
    /** Accessible name of the button; `words` are the first of the command. */
    runCommand(words: string): string;
    againCommand(words: string): string;
    copy: string;
    copyCommand(words: string): string;
    copied: string;
    copyFailed: string;
    command(terminal: number | null): string;
    expected: string;
    anyOrder: string;
    /** Of the author's notation for what differs from run to run. */
    varies: string;
    none: string;
    exit(status: number): string;
    running: string;
    passed: Record<RunOrigin, string>;
    passedRunning: string;
    failed(failure: RunFailure): string;
    /** Said below a failure of what has passed before. */
    doneBefore: string;
    /** Said below {@link failed} when the exit status is part of the difference. */
    exitDiffers(expected: number, actual: number): string;
    compared: string;
    line: Record<'same' | 'expected' | 'actual' | 'missing' | 'unexpected', string>;
    elided(count: number): string;
    emptyLine: string;
    busy: string;
    busyYes: string;
    busyNo: string;
    shellEnded: string;
    notInterruptible: string;
    stop: string;
  };
  check: {
    label: string;
    check: string;
    again: string;
    checkSubject(subject: string): string;
    againSubject(subject: string): string;
    running: string;
    /** It goes on looking, and what does not hold yet stands below. */
    waiting: string;
    passed: string;
    failed: string;
    /** Said below a failure of what has passed before. */
    doneBefore: string;
    /** Above the object or the command that is looked at. */
    how: string;
    clause(failure: ClauseFailure): string;
  };
  hint: {
    summary: string;
  };
  /** What the mesh refused or failed while a command or a check ran; each with its sentence of `mesh.panel.verdict`. */
  why: {
    summary: string;
    /** `host`: what was asked for, where no server was reached. */
    between(client: MeshParty | null, server: MeshParty | null, host: string | null): string;
  };
  terminal: {
    region: string;
    tabs: string;
    name(terminal: number): string;
    stop: string;
    screenReader: string;
    leave: string;
    connecting: string;
    ended(exitCode: number | null): string;
    restart: string;
    show: string;
    hide: string;
    divider: string;
    keys: string;
    arrow: Record<'up' | 'down' | 'left' | 'right', string>;
  };
  mesh: MeshMessages;
  restart: {
    heading: string;
    text: string;
    confirm: string;
    cancel: string;
  };
  finish: {
    done: string;
    doneText(title: string): string;
    open: string;
    openText(count: number): string;
    next: string;
    coming: string;
    end: string;
    all: string;
  };
}
