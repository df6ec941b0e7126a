import type { Clock, RandomBytes } from '../clock.ts';
import { issueCertificate, type Identity } from './certificate.ts';

/** Istio 1.27: a workload's certificate lives 24 hours; the self-signed root 10 years. */
const WORKLOAD_LIFETIME_MS = 24 * 3_600_000;
const ROOT_LIFETIME_MS = 10 * 365 * 24 * 3_600_000;

/** Valid a little before it was made, against clocks that differ (security/pkg/pki/util, 2 minutes). */
const BACKDATE_MS = 120_000;

/** istio-agent renews when half of the life is over (SECRET_GRACE_PERIOD_RATIO 0.5). */
const RENEW_AFTER_MS = WORKLOAD_LIFETIME_MS / 2;

const TRUST_DOMAIN = 'cluster.local';

/** `spiffe://cluster.local/ns/NAMESPACE/sa/SERVICEACCOUNT` */
export function spiffeUri(namespace: string, serviceAccount: string): string {
  return `spiffe://${TRUST_DOMAIN}/ns/${namespace}/sa/${serviceAccount}`;
}

/** The mesh's certificate authority. Makes its own key with the first certificate, so that idle clusters have none. */
export interface Authority {
  root(): Identity;
  /** A new key and certificate for one workload. */
  issue(namespace: string, serviceAccount: string): Identity;
}

export function createAuthority({ clock, randomBytes }: { clock: Clock; randomBytes: RandomBytes }): Authority {
  let root: Identity | null = null;

  const getRoot = (): Identity => {
    root ??= issueCertificate({
      organization: TRUST_DOMAIN,
      uri: null,
      notBefore: clock.now(),
      notAfter: clock.now() + ROOT_LIFETIME_MS,
      serial: randomBytes(16),
      issuer: null,
    });
    return root;
  };

  return {
    root: getRoot,
    issue(namespace, serviceAccount) {
      const now = clock.now();
      return issueCertificate({
        organization: '',
        uri: spiffeUri(namespace, serviceAccount),
        notBefore: now - BACKDATE_MS,
        notAfter: now + WORKLOAD_LIFETIME_MS,
        serial: randomBytes(16),
        issuer: { identity: getRoot(), organization: TRUST_DOMAIN },
      });
    },
  };
}

/** Whether a workload's certificate should be replaced by now. */
export function isDueForRenewal(identity: Identity, now: number): boolean {
  return now >= identity.notBefore + BACKDATE_MS + RENEW_AFTER_MS;
}
