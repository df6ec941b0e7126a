import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';

/** kubectl/pkg/cmd/create/create_ingress.go, regexRule. */
const RULE =
  /^(?<host>[\w*\-.]*)(?<path>\/(?:[^\s,]*?)?)=(?<service>[a-zA-Z][\w-]*:[\w-]+)(?:,(?<tls>tls(?:=[a-z0-9][-a-z0-9]*)?))?$/;

interface Rule {
  host: string;
  path: string;
  service: string;
  /** Undefined without TLS, '' with the default certificate. */
  secret: string | undefined;
}

export const ingress: Command = {
  usage: 'NAME --rule=host/path=service:port[,tls[=secret]]',
  examples: [['One path of one host', 'create ingress front --rule="shop.example.com/*=web:80"']],
  flags: [
    ...CREATE_FLAGS,
    { name: 'annotation', type: 'list', usage: 'Annotation, as KEY=VALUE; may be repeated.' },
    { name: 'class', type: 'string', usage: 'Ingress class.' },
    { name: 'default-backend', type: 'string', usage: 'Service for all the rest, as NAME:PORT.' },
    {
      name: 'rule',
      type: 'list',
      usage: 'HOST/PATH=SERVICE:PORT[,tls[=SECRET]]; * at the end takes all below; may be repeated.',
    },
  ],
  async run(invocation) {
    const { flags } = invocation;
    const name = nameArgument(invocation);
    const backend = flags.string('default-backend');
    if (backend === '' && flags.list('rule').length === 0) {
      throw new CommandError(
        'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
      );
    }
    const rules = flags.list('rule').map(readRule);
    const annotations = readAnnotations(invocation);
    if (backend !== '' && backend.split(':').length !== 2) {
      throw new CommandError('default-backend should be in format servicename:serviceport');
    }
    const tls = buildTls(rules);
    const spec = {
      ...(flags.string('class') === '' ? {} : { ingressClassName: flags.string('class') }),
      ...(backend === '' ? {} : { defaultBackend: toBackend(backend) }),
      ...(tls.length > 0 ? { tls } : {}),
      ...(rules.length > 0 ? { rules: buildRules(rules) } : {}),
    };
    const metadata = { name, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
    await createFromFlags(
      invocation,
      { group: 'networking.k8s.io', version: 'v1', name: 'ingresses', namespaced: true },
      { kind: 'Ingress', apiVersion: 'networking.k8s.io/v1', metadata, spec, status: { loadBalancer: {} } },
      'failed to create ingress: ',
    );
    return 0;
  },
};

function readRule(text: string): Rule {
  const { host = '', path = '', service = '', tls } = RULE.exec(text)?.groups ?? {};
  if (service === '') {
    throw new CommandError(`rule ${text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`);
  }
  return { host, path, service, secret: tls === undefined ? undefined : tls.replace(/^tls=?/, '') };
}

function readAnnotations({ flags }: Invocation): Record<string, string> {
  return Object.fromEntries(
    flags.list('annotation').map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new CommandError(`annotation ${pair} is invalid and should be in format key=[value]`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

function toBackend(text: string): object {
  const [name = '', port = ''] = text.split(':');
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } };
}

/** Hosts in the order of their first rule. */
function buildRules(rules: readonly Rule[]): object[] {
  const byHost = new Map<string, object[]>();
  for (const { host, path, service } of rules) {
    const prefix = path.endsWith('*');
    const one = {
      path: prefix ? path.slice(0, -1) : path,
      pathType: prefix ? 'Prefix' : 'Exact',
      backend: toBackend(service),
    };
    byHost.set(host, [...(byHost.get(host) ?? []), one]);
  }
  return [...byHost].map(([host, paths]) => ({ ...(host === '' ? {} : { host }), http: { paths } }));
}

function buildTls(rules: readonly Rule[]): object[] {
  const bySecret = new Map<string, Set<string>>();
  for (const { host, secret } of rules) {
    if (secret === undefined) continue;
    const hosts = bySecret.get(secret) ?? new Set();
    if (host !== '') hosts.add(host);
    bySecret.set(secret, hosts);
  }
  return [...bySecret].map(([secretName, hosts]) => ({
    ...(hosts.size > 0 ? { hosts: [...hosts] } : {}),
    ...(secretName === '' ? {} : { secretName }),
  }));
}
