/** Which istioctl this is: the one that came with the session's Istio. */
export interface Release {
  /** 27 of 1.27. */
  minor: number;
  /** As it prints itself. */
  version: string;
}

const CURRENT: Release = { minor: 27, version: '1.27.0' };

/** By the value of TALLER_ISTIO. `1.1` is that of Maistra 0.10. */
const RELEASES: Readonly<Record<string, Release>> = {
  '1.0': { minor: 0, version: '1.0.5' },
  '1.1': { minor: 1, version: '1.1.0' },
  '1.4': { minor: 4, version: '1.4.10' },
  '1.6': { minor: 6, version: '1.6.5' },
  current: CURRENT,
};

/** The newest where the variable is not set or names none. */
export function releaseOf(env: Record<string, string | undefined>): Release {
  return RELEASES[env.TALLER_ISTIO ?? 'current'] ?? CURRENT;
}
