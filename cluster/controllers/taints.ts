import { type Toleration } from '../objects/kinds/pod-types.ts';

export interface Taint {
  key: string;
  value?: string;
  effect: string;
}

/** Whether one of the tolerations is for this taint. k8s.io/api/core/v1/toleration.go, ToleratesTaint. */
export function toleratesTaint(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return (tolerations ?? []).some((one) => {
    if (one.effect && one.effect !== taint.effect) return false;
    if (one.operator === 'Exists') return !one.key || one.key === taint.key;
    return one.key === taint.key && (one.value ?? '') === (taint.value ?? '');
  });
}
