import { describe, expect, test } from 'vitest';
import type { DefaultRetries } from '../../../cluster/mesh/era.ts';
import { retryPolicyOf, shouldRetry, type AttemptOutcome } from '../../../cluster/mesh/retry-policy.ts';

/** Which attempts are followed by another one. */

const OUTCOMES: Record<string, AttemptOutcome> = {
  'no connection': 'connect-failure',
  reset: 'reset',
  'too late': 'per-try-timeout',
  '404': { status: 404 },
  '409': { status: 409 },
  '500': { status: 500 },
  '503': { status: 503 },
};

/** Names of the outcomes that the conditions ask again for. */
function retried(retryOn: string | undefined, defaults: DefaultRetries = 'current'): string[] {
  const policy = retryPolicyOf({ retries: { attempts: 1, ...(retryOn === undefined ? {} : { retryOn }) } }, defaults);
  return Object.keys(OUTCOMES).filter((name) => shouldRetry(policy, OUTCOMES[name] as AttemptOutcome));
}

describe('a retry policy', () => {
  test.each<[string, string[]]>([
    ['5xx', ['500', '503', 'no connection', 'reset', 'too late']],
    ['gateway-error', ['503', 'no connection', 'reset', 'too late']],
    ['reset', ['no connection', 'reset', 'too late']],
    ['connect-failure', ['no connection']],
    ['retriable-4xx', ['409']],
    ['404, 500', ['404', '500']],
    ['', []],
  ])('for %j asks again after %j', (retryOn, expected) => {
    expect(retried(retryOn).toSorted()).toEqual(expected.toSorted());
  });

  test.each<[DefaultRetries, number, string[]]>([
    ['none', 0, ['500', '503', 'no connection', 'reset', 'too late']],
    ['and-503', 2, ['503', 'no connection']],
    ['current', 2, ['no connection']],
  ])(
    'of the default %s has %i attempts, and without conditions asks again after %j',
    (defaults, attempts, expected) => {
      expect(retryPolicyOf(undefined, defaults).attempts).toBe(attempts);
      expect(retryPolicyOf({}, defaults).attempts).toBe(attempts);
      expect(retried(undefined, defaults).toSorted()).toEqual(expected.toSorted());
    },
  );

  test('has the time of each attempt, and two attempts where it says no number', () => {
    const policy = retryPolicyOf({ retries: { perTryTimeout: '0.5s' } }, 'current');

    expect(policy).toMatchObject({ attempts: 2, perTryTimeoutMs: 500 });
  });
});
