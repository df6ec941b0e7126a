import type { ApiObject } from '../api/object.ts';
import { apiVersion, resourcePath, type Resource } from '../api/resource.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, StatusError } from '../errors.ts';
import { createPrinter } from '../output/printer.ts';
import { isOpenShift3 } from './era.ts';
import { buildApp, nameOf, type App, type FoundImage } from './new-app-objects.ts';

const IMPORTS = { group: 'image.openshift.io', version: 'v1', name: 'imagestreamimports', namespaced: true };

/**
 * `oc new-app` from images. openshift/oc, pkg/cli/newapp and pkg/helpers/newapp; of 3.11 openshift/origin, pkg/oc/cli.
 * Left out: image streams, so that deployments name the image itself; builds from source; templates.
 */
export const command: Command = {
  usage: '(IMAGE ...) [--name=NAME]',
  long: 'Makes a deployment and a service from an image. Builds, templates and image streams are not simulated.',
  examples: [
    ['From an image', 'new-app nginx --name=web'],
    ['With a variable', 'new-app redis MODE=quiet'],
  ],
  flags: [
    { name: 'image', type: 'list', usage: 'Image to make it from.' },
    { name: 'docker-image', type: 'list', usage: 'The same, as it was called before.' },
    { name: 'name', type: 'string', usage: 'Name of all that is made; that of the image when left out.' },
    { name: 'env', short: 'e', type: 'list', usage: 'Variable of the containers, as KEY=VALUE.' },
    { name: 'labels', short: 'l', type: 'string', usage: 'Labels of all that is made, as a=1,b=2.' },
    { name: 'as-deployment-config', type: 'bool', usage: 'A deployment config, where a deployment would be made.' },
    { name: 'allow-missing-images', type: 'bool', usage: 'Go on when no registry has the image.' },
    { name: 'dry-run', type: 'bool', usage: 'Make nothing.' },
    { name: 'output', short: 'o', type: 'string', usage: 'Print the objects in this form and make nothing.' },
    { name: 'template', type: 'string', usage: 'Template for -o go-template.' },
    { name: 'show-managed-fields', type: 'bool', hidden: true, usage: 'Keep the fields that say who wrote what.' },
    { name: 'no-headers', type: 'bool', hidden: true, usage: 'No headings.' },
    ...['code', 'context-dir', 'image-stream', 'file', 'param', 'strategy', 'search', 'list', 'binary'].map(
      (name) => ({ name, type: 'string', hidden: true, bare: 'true', usage: 'Not simulated.' }) as const,
    ),
  ],
  async run(invocation) {
    const { flags, io, path } = invocation;
    for (const name of [
      'code',
      'context-dir',
      'image-stream',
      'file',
      'param',
      'strategy',
      'search',
      'list',
      'binary',
    ]) {
      if (flags.changed(name)) throw new CommandError(`"${path} --${name}" is not simulated in Taller yet`);
    }
    const classic = isOpenShift3(io);
    if (flags.changed('docker-image') && !classic) {
      io.stderr.write('Flag --docker-image has been deprecated, Deprecated flag use --image\n');
    }
    const { references, env } = readArguments(invocation);
    const apps = await Promise.all(
      references.map(async ({ reference, typed }) => {
        const image = await findImage(invocation, reference, typed);
        const name = flags.string('name') || nameOf(reference);
        const config = classic || flags.bool('as-deployment-config');
        return buildApp({ name, image, env, config, classic, labels: readPairs(flags.string('labels').split(',')) });
      }),
    );
    if (flags.string('output') !== '') {
      const printer = await createPrinter(flags, io, { keepOrder: true });
      const items = apps.flatMap(({ objects }) => objects.map(({ object }) => object));
      io.stdout.write(printer.print({ kind: 'List', apiVersion: 'v1', metadata: {}, items } as ApiObject));
      return 0;
    }
    for (const app of apps) io.stdout.write(describeFound(app, classic));
    return create(invocation, apps, classic);
  },
};

/** An image of the command line; `typed`: by a flag, so it can be nothing else. */
interface Reference {
  reference: string;
  typed: boolean;
}

function readArguments({ args, flags, path }: Invocation): { references: Reference[]; env: Record<string, string> } {
  const variables = args.filter((word) => /^[A-Za-z_][\w.-]*=/.test(word));
  const words = args.filter((word) => !variables.includes(word));
  for (const word of words) {
    if (/^(https?|git|ssh):\/\/|^git@|~|^\.{0,2}\//.test(word)) {
      throw new CommandError(`"${path}" from source code (${word}) is not simulated in Taller yet`);
    }
  }
  const typed = [...flags.list('docker-image'), ...flags.list('image')];
  const references = [
    ...typed.map((reference) => ({ reference, typed: true })),
    ...words.map((reference) => ({ reference, typed: false })),
  ];
  if (references.length === 0) {
    throw new CommandError(
      `You must specify one or more images, image streams, templates, or source code locations to create an application.\nSee '${path} -h' for help and examples`,
    );
  }
  return { references, env: readPairs([...flags.list('env'), ...variables]) };
}

function readPairs(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.filter(Boolean).map((pair) => {
      const equals = pair.indexOf('=');
      if (equals <= 0) throw new CommandError(`unexpected pair: ${pair}`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

interface ImportAnswer {
  status?: {
    images?: {
      image?: {
        dockerImageMetadata?: { Id?: string; Config?: { User?: string; ExposedPorts?: Record<string, unknown> } };
      };
    }[];
  };
}

/** Asks the cluster what the registry says of the image. @throws CommandError when none has it. */
async function findImage(invocation: Invocation, reference: string, typed: boolean): Promise<FoundImage> {
  const { flags, session } = invocation;
  const client = await session.client();
  const { name: namespace } = await session.namespace();
  const answer = await client
    .json<ImportAnswer>('POST', resourcePath(IMPORTS as Resource, namespace), {
      body: {
        kind: 'ImageStreamImport',
        apiVersion: apiVersion(IMPORTS),
        metadata: { name: 'newapp' },
        spec: { import: false, images: [{ from: { kind: 'DockerImage', name: reference } }] },
      },
      subject: { resource: IMPORTS.name },
    })
    .catch((error: unknown) => {
      if (!(error instanceof StatusError)) throw error;
      throw new CommandError(`can't lookup images: ${error.status.message ?? ''}`);
    });
  const found = answer.status?.images?.[0]?.image?.dockerImageMetadata;
  if (found) {
    const ports = Object.keys(found.Config?.ExposedPorts ?? {}).map((each) => Number(each.split('/')[0]));
    const id = (found.Id ?? '').replace(/^sha256:/, '');
    return {
      reference,
      id,
      ports: ports.toSorted((a, b) => a - b),
      isRoot: ['', '0', 'root'].includes(found.Config?.User ?? ''),
    };
  }
  if (flags.bool('allow-missing-images')) return { reference, id: '', ports: [], isRoot: false };
  throw new CommandError(notFoundText(invocation, reference, typed));
}

function notFoundText({ io, path }: Invocation, reference: string, typed: boolean): string {
  const images = isOpenShift3(io) ? 'local docker images' : 'local container images';
  const all = `image streams, templates loaded in accessible projects, template files, ${images}`;
  const quoted = JSON.stringify(reference);
  const failed = typed
    ? `unable to locate any ${images} with name ${quoted}\n`
    : `local file access failed with: stat ${reference}: no such file or directory\n` +
      `error: unable to locate any images in ${all} with name ${quoted}\n\n` +
      `Argument '${reference}' was classified as an image, image~source, or loaded template reference.\n`;
  return `${failed}
The '${path}' command will match arguments to the following types:

  1. Images tagged into image streams in the current project or the 'openshift' project
     - if you don't specify a tag, we'll add ':latest'
  2. Images in the Docker Hub, on remote registries, or on the local Docker engine
  3. Templates in the current project or the 'openshift' project
  4. Git repository URLs or local paths that point to Git repositories

--allow-missing-images can be used to point to an image that does not exist yet.

See '${path} -h' for examples.`;
}

function describeFound({ name, image, config }: App, classic: boolean): string {
  const lines: string[] = [];
  if (image.id !== '') {
    const found = `Found ${classic ? 'Docker' : 'container'} image ${image.id.slice(0, 7)} from ${registryOf(image.reference)}`;
    lines.push(`--> ${found} for ${JSON.stringify(image.reference)}`, '');
  }
  if (config) {
    lines.push(`    * This image will be deployed in deployment config "${name}"`);
    const ports = image.ports.map((port) => `${port}/tcp`);
    if (ports.length === 0) {
      lines.push(
        '    * The image does not expose any ports - if you want to load balance or send traffic to this component',
      );
      lines.push(`      you will need to create a service with 'oc expose dc/${name} --port=[port]' later`);
    } else {
      lines.push(
        `    * ${ports.length === 1 ? 'Port' : 'Ports'} ${ports.join(', ')} will be load balanced by service "${name}"`,
      );
      lines.push(`      * Other containers can access this service through the hostname "${name}"`);
    }
    if (image.isRoot) {
      const who = `Image ${JSON.stringify(image.reference)} runs as the 'root' user`;
      lines.push(`    * WARNING: ${who} which may not be permitted by your cluster administrator`);
    }
  }
  return `${lines.join('\n')}\n\n`;
}

function registryOf(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? first : 'Docker Hub';
}

async function create(invocation: Invocation, apps: readonly App[], classic: boolean): Promise<number> {
  const { flags, io, session } = invocation;
  const dryRun = flags.bool('dry-run');
  const suffix = dryRun ? ' (dry run)' : '';
  const labels = flags.string('labels');
  io.stdout.write(`--> Creating resources ${labels === '' ? '' : `with label ${labels} `}...\n`);
  const client = await session.client();
  const { name: namespace } = await session.namespace();
  let failed = false;
  for (const { resource, object } of apps.flatMap(({ objects }) => objects)) {
    const kind = `${resource.name.replace(/s$/, '')}${resource.group === '' ? '' : `.${resource.group}`}`;
    try {
      if (!dryRun) {
        const subject = { resource: resource.name };
        await client.json('POST', resourcePath(resource, namespace), { body: object, subject });
      }
      io.stdout.write(`    ${kind} ${JSON.stringify(object.metadata?.name)} created${suffix}\n`);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      failed = true;
      io.stderr.write(`    error: ${error.status.message ?? ''}\n`);
    }
  }
  io.stdout.write(`--> ${failed ? 'Failed' : 'Success'}${suffix}\n`);
  if (failed) return 1;
  if (dryRun) return 0;
  const services = apps.filter(({ image }) => image.ports.length > 0).map(({ name }) => name);
  const word = classic ? 'svc' : 'service';
  if (services.length > 0) {
    io.stdout.write(
      '    Application is not exposed. You can expose services to the outside world by executing one or more of the commands below:\n',
    );
    for (const name of services) io.stdout.write(`     'oc expose ${word}/${name}' \n`);
  }
  io.stdout.write("    Run 'oc status' to view your app.\n");
  return 0;
}
