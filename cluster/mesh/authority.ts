import type { Clock, RandomBytes } from '../clock.ts';
import { issueCertificate, type Identity } from './certificate.ts';
import { eraOf, type Certificates } from './era.ts';

/** Valid a little before it was made, against clocks that differ (security/pkg/pki/util, 2 minutes). */
const BACKDATE_MS = 120_000;

/** Both istio-agent (SECRET_GRACE_PERIOD_RATIO) and Citadel (workload-cert-grace-period-ratio) renew after half of the life. */
const GRACE_RATIO = 0.5;

const TRUST_DOMAIN = 'cluster.local';

/** `spiffe://cluster.local/ns/NAMESPACE/sa/SERVICEACCOUNT` */
export function spiffeUri(namespace: string, serviceAccount: string): string {
  return `spiffe://${TRUST_DOMAIN}/ns/${namespace}/sa/${serviceAccount}`;
}

/** The mesh's certificate authority. Makes its own key with the first certificate, so that idle clusters have none. */
export interface Authority {
  root(): Identity;
  /**
   * A key and certificate for one workload: new with each call where proxies fetch their own, and one for all workloads
   * of an account, until it is due for renewal, where they come in a secret.
   */
  issue(namespace: string, serviceAccount: string): Identity;
}

/**
 * Left out: RSA. Citadel made RSA keys of 2048 bits; here all keys are P-256, which are made a hundred times as fast.
 * @param certificates how long they live, and how they reach the proxies. Default today's.
 */
export function createAuthority({
  clock,
  randomBytes,
  certificates = eraOf().certificates,
}: {
  clock: Clock;
  randomBytes: RandomBytes;
  certificates?: Certificates;
}): Authority {
  const { delivery, lifetimeMs, rootLifetimeMs, rootOrganization } = certificates;
  const byAccount = new Map<string, Identity>();
  let root: Identity | null = null;

  const getRoot = (): Identity => {
    root ??= issueCertificate({
      organization: rootOrganization,
      uri: null,
      notBefore: clock.now(),
      notAfter: clock.now() + rootLifetimeMs,
      serial: randomBytes(16),
      issuer: null,
    });
    return root;
  };

  const issueNew = (uri: string): Identity => {
    const now = clock.now();
    return issueCertificate({
      organization: '',
      uri,
      notBefore: now - BACKDATE_MS,
      notAfter: now + lifetimeMs,
      serial: randomBytes(16),
      issuer: { identity: getRoot(), organization: rootOrganization },
    });
  };

  return {
    root: getRoot,
    issue(namespace, serviceAccount) {
      const uri = spiffeUri(namespace, serviceAccount);
      if (delivery === 'sds') return issueNew(uri);
      let identity = byAccount.get(uri);
      if (identity === undefined || isDueForRenewal(identity, clock.now())) {
        byAccount.set(uri, (identity = issueNew(uri)));
      }
      return identity;
    },
  };
}

/** Whether a workload's certificate should be replaced by now. */
export function isDueForRenewal(identity: Identity, now: number): boolean {
  return now >= renewalOf(identity);
}

/** When a workload's certificate is to be replaced, milliseconds since 1970. */
export function renewalOf({ notBefore, notAfter }: Identity): number {
  const from = notBefore + BACKDATE_MS;
  return from + (notAfter - from) * GRACE_RATIO;
}
