import type { CheckReport } from './check-report.ts';

/**
 * The report in the form that CI systems read: a suite for each lesson and language, a suite for each lesson's proof.
 * Survivors, which fail nothing, are skipped cases.
 */
export function renderJunit(report: CheckReport): string {
  const suites: Suite[] = [];
  if (report.problems.length > 0) {
    suites.push({
      name: 'lessons',
      seconds: 0,
      cases: report.problems.map(({ file, line, message }) => {
        const name = `line ${line}: ${firstLine(message)}`;
        return { classname: file, name, file, failure: `${file}:${line}: ${message}` };
      }),
    });
  }
  for (const { id, locale, file, results, problems, seconds } of report.lessons) {
    const name = `${id} (${locale})`;
    // A lesson that does not start has problems and no results.
    const started = results.length > 0 || problems.length === 0;
    const cases = started
      ? results.map(({ step, label, line, failure, seconds: took }) => {
          const place = { classname: `${name}.${step}`, name: `${label} (line ${line})`, file };
          return { ...place, failure, seconds: took };
        })
      : problems.map(({ line, message, ...problem }) => ({
          classname: name,
          name: `${problem.file}:${line}`,
          file: problem.file,
          failure: message,
        }));
    suites.push({ name, seconds, cases });
  }
  for (const { id, attempts, seconds } of report.proofs) {
    const name = `${id} (proof)`;
    suites.push({
      name,
      seconds,
      cases: attempts.map(({ kind, check, label, problem }) => {
        const base = { classname: `${name}.${check}`, name: `${kind}: ${label}` };
        return (kind === 'field' || kind === 'outage') && problem !== null
          ? { ...base, failure: null, skipped: problem }
          : { ...base, failure: problem };
      }),
    });
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="taller check" ${counts(suites.flatMap((suite) => suite.cases))} time="${report.seconds}">`,
    ...suites.map(withOwnNames).flatMap(renderSuite),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Case {
  classname: string;
  name: string;
  /** Where it stands: what CI systems link to. */
  file?: string;
  seconds?: number;
  failure: string | null;
  skipped?: string;
}

interface Suite {
  name: string;
  seconds: number;
  cases: Case[];
}

/** Two cases of one name are one to a CI system: the second gets a number. */
function withOwnNames(suite: Suite): Suite {
  const seen = new Map<string, number>();
  const cases = suite.cases.map((one) => {
    const key = `${one.classname} ${one.name}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count === 1 ? one : { ...one, name: `${one.name} (${count})` };
  });
  return { ...suite, cases };
}

function renderSuite({ name, seconds, cases }: Suite): string[] {
  return [
    `  <testsuite name="${escape(name)}" ${counts(cases)} time="${seconds}">`,
    ...cases.map(({ classname, name: label, file, failure, skipped, seconds: took }) => {
      const open = `    <testcase classname="${escape(classname)}" name="${escape(label)}"${file === undefined ? '' : ` file="${escape(file)}"`} time="${took ?? 0}"`;
      if (failure !== null)
        return `${open}><failure type="problem" message="${escape(firstLine(failure))}">${escape(failure)}</failure></testcase>`;
      return skipped === undefined ? `${open}/>` : `${open}><skipped message="${escape(skipped)}"/></testcase>`;
    }),
    '  </testsuite>',
  ];
}

function counts(cases: readonly Case[]): string {
  const failures = cases.filter(({ failure }) => failure !== null).length;
  const skipped = cases.filter((one) => one.skipped !== undefined).length;
  return `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
}

function firstLine(text: string): string {
  return text.split('\n')[0]!;
}

/** XML 1.0 knows no control characters but tab and line ends, not even escaped. */
function escape(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- these are what is to be removed
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\n', '&#10;')
  );
}
