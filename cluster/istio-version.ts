/** The releases of Istio that a cluster can have, oldest first. `1.1` is that of Maistra 0.10, as OpenShift 3.11 had it. */
export const ISTIO_VERSIONS = ['1.0', '1.1', '1.4', '1.6', 'current'] as const;
export type IstioVersion = (typeof ISTIO_VERSIONS)[number];
