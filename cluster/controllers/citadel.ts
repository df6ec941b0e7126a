/**
 * Citadel: a secret `istio.ACCOUNT` with key, certificate and root for each service account, which sidecars mount at
 * /etc/certs, renewed in time. Only with an Istio through 1.4. security/pkg/k8s/controller/workloadsecret.go.
 */
import { renewalOf } from '../mesh/authority.ts';
import { type Identity } from '../mesh/certificate.ts';
import { secretNameOf } from '../mesh/injected-by-helm.ts';
import { SECRET } from '../objects/kinds/config.ts';
import { equalJson } from '../objects/json.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { createWorkQueue } from './work-queue.ts';

const TYPE = 'istio.io/key-and-cert';
const ACCOUNT = 'istio.io/service-account.name';

/** A machine's timers hold 24 days at most; a look once a day costs nothing. */
const LONGEST_WAIT_MS = 24 * 3_600_000;

/** What the mesh's authority signs. */
export interface WorkloadIdentities {
  /** The account's key and certificate: a new one when the old one is due for renewal. */
  identity(namespace: string, serviceAccount: string): Identity;
  /** PEM. */
  root(): string;
}

export function createCitadel({ store, writer, clock }: ControllerDeps, identities: WorkloadIdentities): Controller {
  const queue = createWorkQueue(clock, (key) => {
    const [namespace = '', account = ''] = key.split('/');
    const name = secretNameOf(account);
    const old = store.get('secrets', namespace, name);
    if (!store.get('serviceaccounts', namespace, account)) {
      if (old?.type === TYPE) writer.remove(SECRET, namespace, name);
      return;
    }
    if (store.get('namespaces', undefined, namespace)?.metadata.deletionTimestamp) return;
    const identity = identities.identity(namespace, account);
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const data = {
      'cert-chain.pem': base64(identity.certificatePem),
      'key.pem': base64(identity.keyPem),
      'root-cert.pem': base64(identities.root()),
    };
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace, annotations: { [ACCOUNT]: account } },
      type: TYPE,
      data,
    };
    if (!old) writer.create(SECRET, secret);
    else if (!equalJson(old.data, data)) writer.update(SECRET, { ...old, data });
    queue.addAfter(key, Math.min(LONGEST_WAIT_MS, Math.max(0, renewalOf(identity) - clock.now())));
  });
  const stops = [
    store.watch('serviceaccounts', ({ type, object }) => {
      if (type !== 'MODIFIED') queue.add(`${object.metadata.namespace}/${object.metadata.name}`);
    }),
    // Deleted by hand, they come back.
    store.watch('secrets', ({ type, object }) => {
      const account = object.metadata.annotations?.[ACCOUNT];
      if (type === 'DELETED' && object.type === TYPE && account) queue.add(`${object.metadata.namespace}/${account}`);
    }),
  ];
  for (const { metadata } of store.list('serviceaccounts')) queue.add(`${metadata.namespace}/${metadata.name}`);
  return {
    dispose() {
      for (const stop of stops) stop();
      queue.dispose();
    },
  };
}
