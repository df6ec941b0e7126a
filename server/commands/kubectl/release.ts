import type { Io } from './io.ts';

/** What `kubectl version` prints of a client. */
export interface ClientVersion {
  major: string;
  minor: string;
  gitVersion: string;
  gitCommit: string;
  gitTreeState: string;
  buildDate: string;
  goVersion: string;
  compiler: string;
  platform: string;
}

const built = (minor: string, patch: number, gitCommit: string, buildDate: string, goVersion: string) => ({
  major: '1',
  minor,
  gitVersion: `v1.${minor}.${patch}`,
  gitCommit,
  gitTreeState: 'clean',
  buildDate,
  goVersion,
  compiler: 'gc',
  platform: 'linux/amd64',
});

const TODAY: ClientVersion = built(
  '36',
  4,
  'bb826b1d48562f110659e64e8ec444327433db95',
  '2026-09-29T20:03:31Z',
  'go1.27.1',
);
const OPENSHIFT_3_11: ClientVersion = built(
  '11',
  10,
  '7a578febe155a7366767abce40d8a16795a96371',
  '2019-05-01T04:14:38Z',
  'go1.10.8',
);

/** The kubectl of the time, by the Istio of the session's cluster (TALLER_ISTIO). */
const CLIENTS: Readonly<Record<string, ClientVersion>> = {
  '1.0': OPENSHIFT_3_11,
  '1.1': OPENSHIFT_3_11,
  '1.4': built('16', 15, '2adc8d7091e89b6e3ca8d048140618ec89b39369', '2020-09-02T11:37:34Z', 'go1.13.15'),
  '1.6': built('18', 20, '1f3e19b7beb1cc0110255668c4238ed63dadb7ad', '2021-06-16T12:56:41Z', 'go1.13.15'),
};

/** The kubectl whose texts and habits this one has. */
export function clientVersion(io: Pick<Io, 'env'>): ClientVersion {
  return CLIENTS[io.env.TALLER_ISTIO ?? ''] ?? TODAY;
}

/** What has changed, and in which minor version of kubectl. */
const CHANGES = {
  /** `run` says which of its generators are deprecated. */
  'run warns of generators': 12,
  /** An empty list says in which namespace. */
  'empty lists name the namespace': 16,
  /** `run` makes pods, whatever the restart policy. */
  'run makes pods only': 18,
  /** `--dry-run` takes a value, and warns without one. */
  'dry-run has values': 18,
  /** `Defaulted container "a" out of: a, b`, also for logs. */
  'the defaulted container is listed': 21,
  /** `version` prints numbers instead of a Go struct. */
  'version is short': 28,
  /** `attach` warns that what is typed ends up in the log. */
  'attach warns of logs': 33,
  /** `describe` of more than one object leaves out their events. */
  'several are described without events': 35,
  /** `deleted from default namespace`. */
  'delete names the namespace': 34,
} as const;

/** Whether the kubectl of the time has a change already. */
export function hasChanged(io: Pick<Io, 'env'>, change: keyof typeof CHANGES): boolean {
  return Number(clientVersion(io).minor) >= CHANGES[change];
}
