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
const DEFAULT_CONDITIONS = 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes';
const DEFAULT_ATTEMPTS = 2;

const DEFAULT_POLICY: RetryPolicy = {
  attempts: DEFAULT_ATTEMPTS,
  perTryTimeoutMs: null,
  conditions: new Set(DEFAULT_CONDITIONS.split(',')),
};

export function retryPolicyOf(route: HttpRoute | undefined): RetryPolicy {
  if (route?.retries === undefined) return DEFAULT_POLICY;
  const { attempts = DEFAULT_ATTEMPTS, perTryTimeout, retryOn } = route.retries;
  return {
    attempts,
    perTryTimeoutMs: parseDuration(perTryTimeout),
    conditions: new Set((retryOn ?? DEFAULT_CONDITIONS).split(',').map((word) => word.trim())),
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
