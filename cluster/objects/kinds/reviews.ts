/** Kinds that are questions: created, answered and never kept. Answers are in `api/reviews.ts`. */
import { NAME } from './columns.ts';
import { type Kind } from './kind.ts';

const question = (group: string, kind: string, message: string, namespaced = false): Kind => ({
  kind,
  group,
  versions: ['v1'],
  plural: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  namespaced,
  message,
  columns: [NAME],
  verbs: ['create'],
});

export const REVIEW_KINDS: readonly Kind[] = [
  question('authentication.k8s.io', 'SelfSubjectReview', 'authentication.SelfSubjectReview'),
  question('authentication.k8s.io', 'TokenReview', 'authentication.TokenReview'),
  question('authorization.k8s.io', 'LocalSubjectAccessReview', 'authorization.LocalSubjectAccessReview', true),
  question('authorization.k8s.io', 'SelfSubjectAccessReview', 'authorization.SelfSubjectAccessReview'),
  question('authorization.k8s.io', 'SelfSubjectRulesReview', 'authorization.SelfSubjectRulesReview'),
  question('authorization.k8s.io', 'SubjectAccessReview', 'authorization.SubjectAccessReview'),
];
