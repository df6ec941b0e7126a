/**
 * Endpoints that fail are left out for a while. Envoy, source/common/upstream/outlier_detection_impl.cc. Left out:
 * success rates, failure percentages, and the interval: an endpoint is back as soon as its time is over.
 */
import type { Era } from './era.ts';
import { parseDuration } from './duration.ts';

/** What the mesh reads of a traffic policy's `outlierDetection`. */
export interface OutlierSettings {
  consecutive5xxErrors?: number;
  consecutiveGatewayErrors?: number;
  /** Of old; counts gateway errors. */
  consecutiveErrors?: number;
  baseEjectionTime?: string;
  maxEjectionPercent?: number;
}

/** Istio's and Envoy's defaults. */
const CONSECUTIVE_5XX = 5;
const BASE_EJECTION_MS = 30_000;
const MAX_EJECTION_PERCENT = 10;
/** Envoy's max_ejection_time. */
const MAX_EJECTION_MS = 300_000;

interface HostHealth {
  serverErrors: number;
  gatewayErrors: number;
  ejections: number;
  ejectedUntil: number;
}

/** How often endpoints were found wanting, and left out for it. */
export interface Ejections {
  consecutive_5xx: Ejection;
  consecutive_gateway_failure: Ejection;
  /** Found wanting, when no more endpoints could be left out. */
  overflow: number;
}

interface Ejection {
  detected: number;
  enforced: number;
}

const none = (): Ejection => ({ detected: 0, enforced: 0 });

/** What one proxy knows of the endpoints of one destination. */
export class OutlierDetection {
  readonly ejections: Ejections;
  readonly #hosts = new Map<string, HostHealth>();

  readonly #ejects: Era['ejects'];

  /** @param ejections to go on from */
  constructor(
    ejects: Era['ejects'],
    ejections: Ejections = { consecutive_5xx: none(), consecutive_gateway_failure: none(), overflow: 0 },
  ) {
    this.#ejects = ejects;
    this.ejections = ejections;
  }

  /** Hosts that are left out. */
  ejected(now: number): number {
    return [...this.#hosts.values()].filter(({ ejectedUntil }) => now < ejectedUntil).length;
  }

  /** Whether a host is to be left out. */
  isEjected(host: string, now: number): boolean {
    return now < (this.#hosts.get(host)?.ejectedUntil ?? 0);
  }

  /**
   * Counts an answer; a connection that failed counts as 503, one that took too long as 504.
   * @param hosts how many the destination has
   */
  count(settings: OutlierSettings, host: string, status: number, hosts: number, now: number): void {
    let health = this.#hosts.get(host);
    if (health === undefined) {
      health = { serverErrors: 0, gatewayErrors: 0, ejections: 0, ejectedUntil: 0 };
      this.#hosts.set(host, health);
    }
    health.serverErrors = status >= 500 ? health.serverErrors + 1 : 0;
    health.gatewayErrors = status >= 502 && status <= 504 ? health.gatewayErrors + 1 : 0;
    const gatewayLimit = settings.consecutiveGatewayErrors ?? settings.consecutiveErrors ?? 0;
    const serverLimit =
      settings.consecutive5xxErrors ?? (settings.consecutiveErrors === undefined ? CONSECUTIVE_5XX : 0);
    const byServer = serverLimit > 0 && health.serverErrors >= serverLimit;
    const byGateway = gatewayLimit > 0 && health.gatewayErrors >= gatewayLimit;
    if ((!byServer && !byGateway) || now < health.ejectedUntil) return;
    const ejection = this.ejections[byGateway ? 'consecutive_gateway_failure' : 'consecutive_5xx'];
    ejection.detected += 1;
    const share = (100 * (this.ejected(now) + (this.#ejects === 'within-share' ? 1 : 0))) / hosts;
    const limit = settings.maxEjectionPercent ?? MAX_EJECTION_PERCENT;
    if (this.#ejects === 'within-share' ? share > limit : share >= limit) {
      this.ejections.overflow += 1;
      return;
    }
    ejection.enforced += 1;
    const base = parseDuration(settings.baseEjectionTime) ?? BASE_EJECTION_MS;
    health.ejections += 1;
    health.ejectedUntil = now + Math.min(base * health.ejections, Math.max(base, MAX_EJECTION_MS));
    health.serverErrors = 0;
    health.gatewayErrors = 0;
  }
}
