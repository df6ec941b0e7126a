// Reads the JSON reports of vitest. `report.mjs failed REPORT…` prints the files with a failure, a line each;
// `report.mjs sum REPORT… -- AGAIN…` prints what failed and why, then the line that machines read. A file that AGAIN
// reports counts as AGAIN says.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [verb, ...args] = process.argv.slice(2);
const split = args.includes('--') ? args.indexOf('--') : args.length;
const files = read(args.slice(0, split));
const again = new Map(read(args.slice(split + 1)).map((file) => [file.name, file]));

function read(reports) {
  return reports.filter(existsSync).flatMap((path) => JSON.parse(readFileSync(path, 'utf8')).testResults);
}

function count(file, status) {
  return file.assertionResults.filter((test) => test.status === status).length;
}

/** Prints the failed tests of a file, and how many there are; a file that could not be loaded is one. */
function reportFailures(file, remark) {
  const tests = file.assertionResults.filter((test) => test.status === 'failed');
  const failed = tests.length > 0 ? tests : [{ fullName: '(the file)', failureMessages: [file.message] }];
  for (const { fullName, failureMessages } of failed) {
    const why = failureMessages.join('\n').split('\n').slice(0, 12).join('\n    ');
    console.log(`${remark}: ${relative(process.cwd(), file.name)}: ${fullName}\n    ${why}`);
  }
  return failed.length;
}

if (verb === 'failed') {
  for (const file of files) if (file.status === 'failed') console.log(relative(process.cwd(), file.name));
} else {
  let [passed, failed, skipped] = [0, 0, 0];
  for (const file of files) {
    const last = again.get(file.name) ?? file;
    if (file.status === 'failed') {
      const failures = reportFailures(file, last.status === 'failed' ? 'FAILED' : 'failed, and passed by itself');
      if (last.status === 'failed') failed += last === file ? failures : reportFailures(last, 'FAILED again');
    }
    passed += count(last, 'passed');
    skipped += count(last, 'skipped') + count(last, 'pending') + count(last, 'todo');
  }
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}
