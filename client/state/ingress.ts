import { signal } from '@preact/signals';

/** Where the learner's cluster shows itself to browsers, see `ingressUrl`; null until the session has said so. */
export const ingress = signal<string | null>(null);
