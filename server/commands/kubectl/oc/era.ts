import type { Io } from '../io.ts';

/**
 * Whether the session stands for the time of OpenShift 3.11: TALLER_ISTIO names the Istio of its cluster, and those of
 * 1.0 and 1.1 ran there.
 */
export function isOpenShift3({ env }: Pick<Io, 'env'>): boolean {
  return env.TALLER_ISTIO === '1.0' || env.TALLER_ISTIO === '1.1';
}
