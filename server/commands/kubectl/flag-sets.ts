import type { FlagSpec } from './flags.ts';

/** Flags that every command takes. kubectl 1.36, `kubectl options`. */
export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { name: 'as', type: 'string', usage: 'User to act as.' },
  { name: 'as-group', type: 'list', usage: 'Group to act as; may be repeated.' },
  { name: 'as-uid', type: 'string', usage: 'UID to act as.' },
  { name: 'as-user-extra', type: 'list', usage: 'Extra attribute (key=value) of the user to act as; may be repeated.' },
  { name: 'cache-dir', type: 'string', usage: 'Folder where the kinds of a server are kept between runs.' },
  { name: 'certificate-authority', type: 'string', usage: 'File with the certificate authority of the server.' },
  { name: 'client-certificate', type: 'string', usage: 'File with the client certificate.' },
  { name: 'client-key', type: 'string', usage: 'File with the key of the client certificate.' },
  { name: 'cluster', type: 'string', usage: 'Name of the kubeconfig cluster to use.' },
  { name: 'context', type: 'string', usage: 'Name of the kubeconfig context to use.' },
  { name: 'disable-compression', type: 'bool', usage: 'Accepted; answers are never compressed.' },
  { name: 'insecure-skip-tls-verify', type: 'bool', usage: "Do not verify the server's certificate." },
  { name: 'kubeconfig', type: 'string', usage: 'File to use instead of those that KUBECONFIG names.' },
  { name: 'kuberc', type: 'string', usage: 'Accepted; preference files are not read.' },
  { name: 'log-flush-frequency', type: 'duration', default: '5s', usage: 'Accepted; nothing is logged.' },
  { name: 'match-server-version', type: 'bool', usage: 'Accepted; versions are not compared.' },
  { name: 'namespace', short: 'n', type: 'string', usage: 'Namespace of this request.' },
  { name: 'password', type: 'string', usage: 'Password for basic authentication.' },
  { name: 'profile', type: 'string', default: 'none', usage: 'Accepted; there is no profile.' },
  { name: 'profile-output', type: 'string', default: 'profile.pprof', usage: 'Accepted; there is no profile.' },
  {
    name: 'request-timeout',
    type: 'string',
    default: '0',
    usage: 'How long one request may take, as 1s or 2m; 0 is for ever.',
  },
  { name: 'server', short: 's', type: 'string', usage: 'Address of the API server.' },
  { name: 'tls-server-name', type: 'string', usage: "Name expected in the server's certificate." },
  { name: 'token', type: 'string', usage: 'Bearer token.' },
  { name: 'user', type: 'string', usage: 'Name of the kubeconfig user to use.' },
  { name: 'username', type: 'string', usage: 'User name for basic authentication.' },
  { name: 'v', short: 'v', type: 'int', default: '0', usage: 'Accepted; nothing is logged.' },
  { name: 'vmodule', type: 'string', usage: 'Accepted; nothing is logged.' },
  { name: 'warnings-as-errors', type: 'bool', usage: 'Exit with an error when the server warns.' },
];

export const OUTPUT_FORMATS = [
  'json',
  'yaml',
  'kyaml',
  'name',
  'go-template',
  'go-template-file',
  'template',
  'templatefile',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
];

const OUTPUT_USAGE = `Output format. One of: (${OUTPUT_FORMATS.join(', ')}).`;

/** Flags of a command that prints objects. */
export const OUTPUT_FLAGS: readonly FlagSpec[] = [
  {
    name: 'allow-missing-template-keys',
    type: 'bool',
    default: 'true',
    usage: 'Ignore fields that a jsonpath or template names and an object lacks.',
  },
  { name: 'output', short: 'o', type: 'string', usage: OUTPUT_USAGE },
  { name: 'show-managed-fields', type: 'bool', usage: 'Keep metadata.managedFields in JSON and YAML.' },
  { name: 'template', type: 'string', usage: 'Template, or file with one, for the template formats.' },
];

/** Flags that name files. `purpose` ends the sentence "Files …". */
export function fileFlags(purpose: string): readonly FlagSpec[] {
  return [
    { name: 'filename', short: 'f', type: 'csv', usage: `File, folder or URL ${purpose}; - is stdin.` },
    { name: 'kustomize', short: 'k', type: 'string', usage: 'Folder with a kustomization.' },
    { name: 'recursive', short: 'R', type: 'bool', usage: 'Also read the folders below a folder given with -f.' },
  ];
}

export const DRY_RUN_FLAG: FlagSpec = {
  name: 'dry-run',
  type: 'string',
  default: 'none',
  bare: 'unchanged',
  usage:
    'One of none, server or client. client only prints what would be sent; server asks the server without storing.',
};

export const VALIDATE_FLAG: FlagSpec = {
  name: 'validate',
  type: 'string',
  default: 'strict',
  bare: 'strict',
  usage: 'What unknown fields are: strict (or true) an error, warn a warning, ignore (or false) nothing.',
};

export const SELECTOR_FLAG: FlagSpec = {
  name: 'selector',
  short: 'l',
  type: 'string',
  usage: 'Only objects with these labels, as app=web,tier!=db or "env in (a,b)".',
};

export const FIELD_SELECTOR_FLAG: FlagSpec = {
  name: 'field-selector',
  type: 'string',
  usage: 'Only objects with these fields, as status.phase=Running.',
};

export const ALL_NAMESPACES_FLAG: FlagSpec = {
  name: 'all-namespaces',
  short: 'A',
  type: 'bool',
  usage: 'In all namespaces.',
};

export const CHUNK_SIZE_FLAG: FlagSpec = {
  name: 'chunk-size',
  type: 'int',
  default: '500',
  usage: 'Objects per request of a long list; 0 asks for all at once.',
};

export function fieldManagerFlag(name: string): FlagSpec {
  return {
    name: 'field-manager',
    type: 'string',
    default: name,
    usage: 'Name that stands for the writer of the fields.',
  };
}

/** Flags of a command that deletes. */
export const DELETE_FLAGS: readonly FlagSpec[] = [
  {
    name: 'cascade',
    type: 'string',
    default: 'background',
    bare: 'background',
    usage: 'What happens to dependents: background, orphan or foreground.',
  },
  { name: 'force', type: 'bool', usage: 'Delete at once without waiting for confirmation.' },
  {
    name: 'grace-period',
    type: 'int',
    default: '-1',
    usage: 'Seconds that the object has to end; negative for its own.',
  },
  {
    name: 'timeout',
    type: 'duration',
    default: '0s',
    usage: 'How long to wait for a deletion; 0 depends on the object.',
  },
];

/** Where a command that works on objects may stand with files instead. */
export const RESOURCE_FLAGS: readonly FlagSpec[] = [
  { name: 'all', type: 'bool', usage: 'All objects of the given types in the namespace.' },
  { name: 'local', type: 'bool', usage: 'Work on the given files only, without a server.' },
  SELECTOR_FLAG,
];
