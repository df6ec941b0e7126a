import { expect, test } from 'vitest';
import { firstWords } from '../../../client/lesson/first-words.ts';

test.each([
  ['kubectl get pods', 'kubectl get pods'],
  ['kubectl -n outside apply -f sleep.yaml', 'kubectl -n outside apply -f …'],
  ['kubectl apply -f - <<EOF\nkind: Pod\nEOF', 'kubectl apply -f - <<EOF …'],
])('names the command %j by %j', (command, words) => {
  expect(firstWords(command)).toBe(words);
});
