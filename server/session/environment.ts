import type { KubernetesObject, MeshGraph, Verdict } from '../../cluster/index.ts';

/** What a learner works in: a cluster, a home on disk, and the variables of a shell there. */
export interface Environment {
  /** What checks read of the cluster. */
  objects: ObjectReader;
  /** The learner's home; also where commands start. */
  home: string;
  /** Beside the home, for the server alone: shell integration, and the kubeconfig that checks use. */
  privateDirectory: string;
  /** Variables of the learner's shells. Nothing of the server's own environment but LANG and TZ. */
  shellEnv: Record<string, string>;
  /** The same for commands that the server runs: what the learner can write plays no part in it. */
  checkEnv: Record<string, string>;
  /** Label below `localhost` where browsers find the cluster's ingress, see `ingress.ts`; '' when they do not. */
  ingressName: string;
  /** Said in each terminal when it opens. Default nothing. */
  greeting?: string;
  /** Whether another one of the same lesson can be made only when this one is gone. */
  exclusive: boolean;
  /** As `Cluster.meshGraph`; null when nobody knows. */
  meshGraph(windowSeconds: number): MeshGraph | null;
  /** As `Cluster.onVerdict`; never where nobody knows. @returns stops it */
  onVerdict(listener: (verdict: Verdict) => void): () => void;
  /** Resolves when nothing of it is left. Safe to call twice. */
  dispose(): Promise<void>;
}

/** Reads objects by the words of a command line, past whatever the learner may have put on their PATH. */
export interface ObjectReader {
  /**
   * @param resource kind, plural or short name.
   * @param namespace undefined for the default one; without meaning for kinds of the whole cluster.
   * @returns undefined when there is no such object.
   * @throws Error when the cluster has no such kind, or does not answer.
   */
  read(resource: string, namespace: string | undefined, name: string): Promise<KubernetesObject | undefined>;
}
