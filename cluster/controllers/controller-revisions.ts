/**
 * The history of a StatefulSet or DaemonSet: its pod template at each change, kept as ControllerRevisions.
 * Kubernetes 1.32, pkg/controller/history/controller_history.go.
 */
import { cloneJson, equalJson } from '../objects/json.ts';
import { apiVersionOf, type Kind } from '../objects/kinds/kind.ts';
import { type PodTemplate, type Selector } from '../objects/kinds/workload-types.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { matchesLabelSelectorObject } from '../objects/selector.ts';
import { type ControllerDeps } from './controller.ts';
import { controllerOf, controllerReference } from './pod-readiness.ts';
import { templateHash } from './template-hash.ts';

const RESOURCE = 'controllerrevisions.apps';
/** Label of revisions and of the pods made from them. */
export const REVISION_HASH = 'controller-revision-hash';

export interface ControllerRevision extends KubernetesObject {
  revision: number;
  data: { spec: { template: PodTemplate & { $patch?: 'replace' } } };
}

/** What has a history. */
export interface RevisionOwner extends KubernetesObject {
  spec: { selector: Selector; template: PodTemplate; revisionHistoryLimit?: number };
}

export interface RevisionHistory {
  /** Oldest first. */
  list(owner: RevisionOwner): ControllerRevision[];
  /** The revision of the owner's template as it is now, made or numbered anew where it must be. */
  current(owner: RevisionOwner): ControllerRevision;
  /** Removes the oldest ones beyond `revisionHistoryLimit`, but none whose name is in `live`. */
  truncate(owner: RevisionOwner, live: ReadonlySet<string>): void;
}

export function createRevisionHistory({ store, writer, kinds }: ControllerDeps): RevisionHistory {
  const kind = kinds.byResource(RESOURCE) as Kind;

  function list(owner: RevisionOwner): ControllerRevision[] {
    return (store.list(RESOURCE, owner.metadata.namespace) as ControllerRevision[])
      .flatMap((one) => {
        const controller = controllerOf(one);
        if (controller) return controller.uid === owner.metadata.uid ? [one] : [];
        // Left behind by an owner that went alone (--cascade=orphan), as its pods were.
        return isHistoryOf(owner, one) ? [adopt(owner, one)] : [];
      })
      .toSorted((a, b) => a.revision - b.revision);
  }

  function isHistoryOf({ metadata, spec }: RevisionOwner, revision: ControllerRevision): boolean {
    return (
      !metadata.deletionTimestamp &&
      revision.metadata.name.startsWith(`${metadata.name}-`) &&
      matchesLabelSelectorObject(spec.selector, revision.metadata.labels)
    );
  }

  function adopt(owner: RevisionOwner, revision: ControllerRevision): ControllerRevision {
    const metadata = { ...revision.metadata, ownerReferences: [controllerReference(owner)] };
    return writer.update(kind, { ...revision, metadata }) as ControllerRevision;
  }

  function create(owner: RevisionOwner, revision: number): ControllerRevision {
    const { name, namespace = 'default', annotations } = owner.metadata;
    const { template } = owner.spec;
    const hash = templateHash(template);
    // Labels are those of the pods, so that the selector finds the history as well.
    return writer.create(kind, {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels: { ...template.metadata?.labels, [REVISION_HASH]: hash },
        ...(annotations ? { annotations: { ...annotations } } : {}),
        ownerReferences: [controllerReference(owner)],
      },
      data: { spec: { template: { ...cloneJson(template), $patch: 'replace' } } },
      revision,
    }) as ControllerRevision;
  }

  return {
    list,
    current(owner) {
      const revisions = list(owner);
      const next = (revisions.at(-1)?.revision ?? 0) + 1;
      const equal = revisions.findLast((one) => equalJson(templateOf(one), owner.spec.template));
      if (!equal) return create(owner, next);
      // A template that comes back, as after an undo, is the newest revision again.
      if (equal.revision === next - 1) return equal;
      return writer.update(kind, { ...equal, revision: next }) as ControllerRevision;
    },
    truncate(owner, live) {
      const old = list(owner).filter(({ metadata }) => !live.has(metadata.name));
      const excess = old.length - (owner.spec.revisionHistoryLimit ?? 10);
      for (const { metadata } of old.slice(0, Math.max(0, excess)))
        writer.remove(kind, metadata.namespace, metadata.name);
    },
  };
}

/** The pod template that a revision stands for. */
export function templateOf({ data }: ControllerRevision): PodTemplate {
  const { $patch: _, ...template } = data.spec.template;
  return template;
}

/** The value of the label {@link REVISION_HASH}: the end of the revision's name. */
export function revisionHash(revision: ControllerRevision): string {
  return revision.metadata.labels?.[REVISION_HASH] ?? '';
}
