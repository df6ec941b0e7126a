import type { DefaultRetries } from './era.ts';
import { parseDuration } from './duration.ts';
import type { HttpRoute } from './virtual-service.ts';

/** When a request is sent again. */
export interface RetryPolicy {
  /** Beyond the first. */
  attempts: number;
  /** Null: only the route's timeout counts. */
  perTryTimeoutMs: number | null;
  conditions: ReadonlySet<string>;
}

/** How one attempt ended. */
export type AttemptOutcome = 'connect-failure' | 'reset' | 'per-try-timeout' | { status: number };

/** Istio 1.27, pilot/pkg/networking/core/route/retry/retry.go, DefaultPolicy. */
const DEFAULT_CONDITIONS = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', 'retriable-status-codes'];
const DEFAULT_ATTEMPTS = 2;

const policy = (attempts: number, conditions: readonly string[]): RetryPolicy => ({
  attempts,
  perTryTimeoutMs: null,
  conditions: new Set(conditions),
});

const DEFAULT_POLICIES: Readonly<Record<DefaultRetries, RetryPolicy>> = {
  // With a number of attempts alone: pilot/pkg/networking/core/v1alpha3/route of 1.0, translateRetryPolicy.
  none: policy(0, ['5xx', 'connect-failure', 'refused-stream']),
  'and-503': policy(DEFAULT_ATTEMPTS, [...DEFAULT_CONDITIONS, '503']),
  current: policy(DEFAULT_ATTEMPTS, DEFAULT_CONDITIONS),
};

export function retryPolicyOf(route: HttpRoute | undefined, defaults: DefaultRetries): RetryPolicy {
  const byDefault = DEFAULT_POLICIES[defaults];
  if (route?.retries === undefined) return byDefault;
  const { attempts = DEFAULT_ATTEMPTS, perTryTimeout, retryOn } = route.retries;
  return {
    attempts,
    perTryTimeoutMs: parseDuration(perTryTimeout),
    conditions: retryOn === undefined ? byDefault.conditions : new Set(retryOn.split(',').map((word) => word.trim())),
  };
}

/** Envoy, source/common/router/retry_state_impl.cc. */
export function shouldRetry({ conditions }: RetryPolicy, outcome: AttemptOutcome): boolean {
  const hasAny = (...words: string[]): boolean => words.some((word) => conditions.has(word));
  if (outcome === 'connect-failure') return hasAny('connect-failure', '5xx', 'gateway-error', 'reset');
  if (outcome === 'reset') return hasAny('5xx', 'gateway-error', 'reset');
  if (outcome === 'per-try-timeout') return hasAny('5xx', 'gateway-error', 'reset');
  const { status } = outcome;
  return (
    (status >= 500 && hasAny('5xx')) ||
    (status >= 502 && status <= 504 && hasAny('gateway-error')) ||
    (status === 409 && hasAny('retriable-4xx')) ||
    conditions.has(String(status))
  );
}
