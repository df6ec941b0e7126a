import type { AuthorImage, IstioVersion } from '../../cluster/index.ts';
import type { ExpectedOutput, Lesson, LessonLevel } from '../../common/lesson.ts';
import type { Locale } from '../../common/locale.ts';
import type { ToolChoice } from '../tool-choice.ts';

/** A lesson's folder, read and found sound. */
export interface LessonDefinition {
  id: string;
  /** Absolute path. */
  directory: string;
  config: LessonConfig;
  /** Every locale has the same steps, blocks and checks. */
  texts: Record<Locale, LessonText>;
  /** What `proof.yaml` says, by the name of a check; empty without that file. Only `taller check` reads it. */
  proofs: Record<string, CheckProof>;
}

/** `lesson.yaml`: what is the same in every language. */
export interface LessonConfig {
  title: Record<Locale, string>;
  summary: Record<Locale, string>;
  minutes: number;
  level: LessonLevel;
  /** `embedded`: the cluster inside the server. `kubeconfig`: the one of the server's KUBECONFIG, see `real-cluster.ts`. */
  environment: 'embedded' | 'kubeconfig';
  /** The Istio of its cluster. */
  istio: IstioVersion;
  /** Whether its cluster is an OpenShift cluster. */
  openshift: boolean;
  /** Whose kubectl, oc and istioctl go first: Taller's or the machine's. */
  tools: ToolChoice;
  /** Container images that only this lesson has. */
  images: AuthorImage[];
  /** Manifests applied to a new cluster, in this order; absolute paths below `setup/`. */
  setup: string[];
  /** Id of the lesson that follows, and its title while it does not exist. */
  next: { id: string; title: Record<Locale, string> } | null;
}

export interface LessonText {
  /** Absolute path of `en.md` or `es.md`. */
  file: string;
  /** As sent to the page. `next.available` is filled in by the catalog. */
  lesson: Lesson;
  /** By name, what the server evaluates. */
  checks: Record<string, CheckDefinition>;
  /** By block id or check name, the line of its opening fence, from 1. */
  lines: Record<string, number>;
}

export interface CheckDefinition {
  name: string;
  /** How long the condition may take to become true. Milliseconds; 0 looks once. */
  withinMs: number;
  test: ObjectTest | RunTest;
}

/** A partial match against an object that the server reads from the cluster. */
export interface ObjectTest {
  kind: 'object';
  /** As written: `PeerAuthentication default -n istio-system`. */
  subject: string;
  /** Kind, plural or short name. */
  resource: string;
  name: string;
  /** Undefined for the default namespace and for cluster-scoped kinds. */
  namespace: string | undefined;
  /** `true` when the object must not exist. */
  absent: boolean;
  /** Fields by path (`spec.mtls.mode`, `spec.containers[0].name`) with the value each must have; partial for maps. */
  has: Record<string, unknown>;
}

/** A command in a clean shell, not in the learner's. */
export interface RunTest {
  kind: 'run';
  command: string;
  /** 0 unless the author says otherwise; null when any status will do (`exit: any`). */
  exit: number | null;
  outputs: ExpectedOutput[];
  /** `items.length == 2`-like tests on stdout read as JSON. */
  json: JsonTest[];
}

export interface JsonTest {
  path: string;
  operator: '==' | '!=' | 'contains' | '>' | '>=' | '<' | '<=' | 'exists';
  /** Undefined for `exists`. */
  value: unknown;
}

/** How one check is put to the test beyond the lesson's own commands. */
export interface CheckProof {
  /** Line of the check's name in `proof.yaml`, from 1. */
  line: number;
  /** Why the check holds before its stage's first command; null when it must not. */
  already: string | null;
  /** Other right ways, each in place of the commands of the stage. All checks of the stage pass after it. */
  also: ProofCommand[];
  mistakes: Mistake[];
  /** Paths of fields of the goal that may differ, each with the reason. What stands below a path is free too. */
  free: Record<string, string>;
}

/** One or more lines for a shell in the learner's home. */
export interface ProofCommand {
  command: string;
  /** In `proof.yaml`, from 1. */
  line: number;
}

/** What learners get wrong. The check must then fail and show one hint. */
export interface Mistake extends ProofCommand {
  /** Whether it is made after the commands of the stage, and not in place of them. */
  after: boolean;
  /** The clause whose hint is shown. */
  hint: string;
}

/** Something an author has to mend. Printed as `file:line: message`. */
export interface Problem {
  /** Absolute path. */
  file: string;
  /** From 1. */
  line: number;
  /** What is wrong and what to do. English, like every tool for authors in this first version. */
  message: string;
}
