import { meshEn } from './mesh-en.ts';
import type { Messages } from './messages.ts';
import { code } from './sentence.ts';

const plural = new Intl.PluralRules('en');

function count(number: number, one: string, other: string): string {
  return `${number} ${plural.select(number) === 'one' ? one : other}`;
}

function seconds(milliseconds: number): string {
  return count(Math.round(milliseconds / 100) / 10, 'second', 'seconds');
}

export const en: Messages = {
  app: {
    skipToLesson: 'Skip to the lesson',
    skipToTerminal: 'Skip to the terminal',
    loading: 'Loading…',
    title: (parts) => [...parts, 'Taller'].join(' · '),
  },
  home: {
    heading: 'Learn by doing',
    intro:
      'Each lesson is a page of text beside a real terminal with its own cluster. Read a little, run a command, see at once whether it did what it should.',
    empty: 'There is no lesson here yet.',
    minutes: (minutes) => `${minutes} min`,
    steps: (steps) => count(steps, 'step', 'steps'),
    level: { beginner: 'Beginner', intermediate: 'Intermediate', advanced: 'Advanced' },
    release: (version) => `Istio ${version}`,
    position: (place) => `Lesson ${place}`,
    tasks: (done, total) => `${done} of ${count(total, 'task', 'tasks')} done`,
    done: 'Completed',
    start: 'Open the lesson',
    goOn: 'Go on',
    again: 'Open again',
  },
  problem: {
    lessonNotFound: 'There is no such lesson',
    lessonNotFoundText: (id) => `No lesson is called ${code(id)}. It may have been renamed.`,
    pageNotFound: 'There is no such page',
    pageNotFoundText: 'The address leads nowhere. Choose a lesson from the list.',
    loadFailed: 'This could not be loaded',
    loadFailedText: (reason) =>
      `The server did not answer as it should: ${code(reason)}. Check that it runs, then try again.`,
    retry: 'Try again',
    allLessons: 'All lessons',
  },
  header: {
    home: 'Taller, all lessons',
    language: 'Language',
    theme: { system: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' },
    restart: 'Restart lesson',
  },
  connection: {
    connecting: 'Connecting',
    connected: 'Connected',
    reconnecting: 'Reconnecting',
    closed: 'Disconnected',
    expired: 'The server was started again and does not know this page any more. Reload it to go on.',
    upgrade: 'The server has a newer version of this page. Reload it to go on.',
    takenOver: 'This lesson is open in another page. Nothing is lost: you can go on there or here.',
    notFound: 'The server does not have this lesson any more.',
    broken: 'This lesson cannot start: there is a mistake in its files. Its author finds it in the log of the server.',
    refused: 'The server closed the connection because it has too much to do. Wait a moment, then try again.',
    reload: 'Reload',
    useHere: 'Use it here',
    tryAgain: 'Try again',
  },
  startedAnew: {
    text: 'What you did here before is gone: the server was started again, or no page showed this lesson for a while. You have a new cluster, so begin with the first step.',
    first: 'To the first step',
    close: 'All right',
  },
  realCluster: {
    heading: 'This lesson works on a real cluster',
    text: 'Not on the one inside Taller: others may be using it. Nothing has happened there yet.',
    server: 'Server',
    context: 'Context',
    user: 'User',
    rights:
      'The lesson makes namespaces of its own and deletes them when it ends. In the terminal you can do whatever this user may do.',
    confirm: 'Use this cluster',
    unusable: 'The lesson could not start on the cluster:',
    tryAgain: 'Look again',
  },
  author: {
    problems: (problems) =>
      `${count(problems, 'problem', 'problems')} in what you saved. If the page has not changed, this is why:`,
    unreadable: (problems) =>
      `${count(problems, 'problem keeps', 'problems keep')} this lesson from being shown. It appears here as soon as that is mended.`,
    stale: 'You changed what the cluster or the files start with. Restart the lesson to see it.',
  },
  link: {
    clusterElsewhere: 'Opens only in a browser on the machine that Taller runs on.',
  },
  steps: {
    navigation: 'Steps',
    position: (step, total) => `Step ${step} of ${total}`,
    previous: 'Previous',
    next: 'Next',
    previousTo: (title) => `Previous: ${title}`,
    nextTo: (title) => `Next: ${title}`,
    outline: 'All steps',
    state: { reading: 'Nothing to do', todo: 'To do', started: 'Started', done: 'Done' },
    tasks: (done, total) => `${done} of ${total}`,
    progress: (done, total) => `${done} of ${count(total, 'task', 'tasks')} done`,
  },
  run: {
    run: 'Run',
    again: 'Run again',
    runCommand: (words) => `Run: ${words}`,
    againCommand: (words) => `Run again: ${words}`,
    copy: 'Copy',
    copyCommand: (words) => `Copy: ${words}`,
    copied: 'Copied',
    copyFailed: 'The browser does not let this page copy. Select the command and copy it yourself.',
    command: (terminal) => (terminal === null ? 'Command' : `Command for terminal ${terminal}`),
    expected: 'Should print',
    anyOrder: 'In any order:',
    varies: 'What stands between `<` and `>` may be different for you.',
    none: 'None of these:',
    exit: (status) => `It should end with exit status ${code(status)}.`,
    running: 'Running…',
    passed: { clicked: 'As expected', typed: 'As expected, typed by you' },
    passedRunning: 'As expected. The command goes on until you stop it.',
    failed: (failure) => {
      switch (failure.reason) {
        case 'different':
          return failure.lines.some((line) => line.kind !== 'same' && line.kind !== 'elided')
            ? 'The output is not what it should be.'
            : 'The command did not end as it should.';
        case 'syntax':
          return `The shell cannot read this command: ${code(failure.message)}`;
        case 'timeout':
          return `Nothing that matches came within ${seconds(failure.timeoutMs)}.`;
        case 'interrupted':
          return 'The command was interrupted before its output matched.';
        case 'shell-ended':
          return 'The shell ended while the command ran.';
      }
    },
    doneBefore: 'It worked before, and that counts: you need not run it again.',
    exitDiffers: (expected, actual) =>
      `The command ended with exit status ${code(actual)}; it should end with ${code(expected)}.`,
    compared: 'Expected and actual output, line by line',
    line: {
      same: 'same',
      expected: 'expected',
      actual: 'came instead',
      missing: 'missing',
      unexpected: 'not expected',
    },
    elided: (lines) => count(lines, 'more line', 'more lines'),
    emptyLine: 'an empty line',
    busy: 'A command is still running. Interrupt it and run this?',
    busyYes: 'Interrupt and run',
    busyNo: 'Let it run',
    shellEnded: 'The shell of this terminal has ended. Start a new one in the terminal, then run this.',
    notInterruptible: 'The running command does not react to Ctrl-C. End it in the terminal, then run this.',
    stop: 'Stop (Ctrl-C)',
  },
  check: {
    label: 'Check',
    check: 'Check',
    again: 'Check again',
    checkSubject: (subject) => `Check: ${subject}`,
    againSubject: (subject) => `Check again: ${subject}`,
    running: 'Checking…',
    waiting: 'Not yet. Looking again for a while:',
    passed: 'All is as it should be',
    failed: 'Not yet as it should be',
    doneBefore: 'It was true before, and that counts: you can go on.',
    how: 'How it is checked',
    clause: (failure) => {
      switch (failure.kind) {
        case 'object-missing':
          return `${code(failure.subject)} does not exist.`;
        case 'object-present':
          return `${code(failure.subject)} still exists; it should be gone.`;
        case 'field':
          return failure.actual === null
            ? `${code(failure.path)} is not set; it should be ${code(failure.expected)}.`
            : `${code(failure.path)} is ${code(failure.actual)}; it should be ${code(failure.expected)}.`;
        case 'exit':
          return `The command of this check ended with exit status ${code(failure.actual)}; it should end with ${code(failure.expected)}.`;
        case 'lines':
          return 'The command of this check printed something else than it should.';
        case 'json':
          return failure.actual === null
            ? `${code(failure.path)} is not there; this should hold: ${code(`${failure.path} ${failure.operator} ${failure.expected}`.trim())}.`
            : `${code(failure.path)} is ${code(failure.actual)}; this should hold: ${code(`${failure.path} ${failure.operator} ${failure.expected}`.trim())}.`;
        case 'timeout':
          return `It did not become true within ${seconds(failure.timeoutMs)}.`;
        case 'error':
          return `The check could not run, which is not your fault: ${code(failure.message)}`;
      }
    },
  },
  hint: { summary: 'Hint' },
  why: {
    summary: 'Why? What the mesh decided',
    between(client, server, host) {
      const from = client === null ? 'From outside of the mesh' : `From ${code(`${client.namespace}/${client.pod}`)}`;
      if (server !== null) return `${from} to ${code(`${server.namespace}/${server.pod}`)}:`;
      return host === null ? `${from}:` : `${from} to ${code(host)}:`;
    },
  },
  terminal: {
    region: 'Terminal',
    tabs: 'Terminals',
    name: (terminal) => `Terminal ${terminal}`,
    stop: 'Stop (Ctrl-C)',
    screenReader: 'Screen reader mode',
    leave: 'Press Esc, then Tab, to leave the terminal',
    connecting: 'Starting the terminal…',
    ended: (exitCode) =>
      exitCode === null ? 'The shell has ended.' : `The shell has ended with exit status ${code(exitCode)}.`,
    restart: 'Start a new shell',
    show: 'Show the terminal',
    hide: 'Hide the terminal',
    divider: 'Size of lesson and terminal',
    keys: 'Keys for the terminal',
    arrow: { up: 'Up', down: 'Down', left: 'Left', right: 'Right' },
  },
  mesh: meshEn,
  restart: {
    heading: 'Start this lesson over?',
    text: 'You get a new cluster, a new home folder and new shells. What you did and your progress in this lesson are deleted.',
    confirm: 'Start over',
    cancel: 'Keep going',
  },
  finish: {
    done: 'Lesson complete',
    doneText: (title) => `Every command and every check of “${title}” did what it should.`,
    open: 'Not finished yet',
    openText: (tasks) => `${count(tasks, 'task is', 'tasks are')} still open:`,
    next: 'Next lesson',
    coming: 'Coming',
    end: 'This was the last lesson of the course.',
    all: 'All lessons',
  },
};
