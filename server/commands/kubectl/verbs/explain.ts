import { resourcePath, type Resource } from '../api/resource.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, PlainError, UsageError } from '../errors.ts';
import { renderHeading, renderSchema } from '../explain/render.ts';
import { findKind, resolve, type Schema, type Schemas } from '../explain/schema.ts';

export const command: Command = {
  usage: 'TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext]',
  long: 'Shows what the fields of a kind are, from what the server says about them. Fields are given as TYPE.FIELD.FIELD.',
  examples: [
    ['A kind', 'explain pods'],
    ['A field', 'explain pods.spec.containers'],
    ['All fields below', 'explain deployment.spec.strategy --recursive'],
  ],
  flags: [
    { name: 'api-version', type: 'string', usage: 'Version of the kind, as apps/v1.' },
    { name: 'output', short: 'o', type: 'string', default: 'plaintext', usage: 'plaintext.' },
    { name: 'recursive', type: 'bool', usage: 'Names of all fields below, without their descriptions.' },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { args, flags, io, session, program } = invocation;
  const [path, ...more] = args;
  if (path === undefined) {
    throw new CommandError(
      `You must specify the type of resource to explain. Use "${program} api-resources" for a complete list of supported resources.`,
    );
  }
  const output = flags.string('output');
  if (output === 'plaintext-openapiv2') {
    throw new CommandError(
      '"--output=plaintext-openapiv2" is not simulated in Taller: plaintext shows the same fields',
    );
  }
  if (output !== 'plaintext') throw new CommandError(`unrecognized format: ${output}`);
  if (more.length > 0) throw new UsageError('We accept only this format: explain RESOURCE');
  const { resource, fields } = await findResource(invocation, path);
  const client = await session.client();
  const root = resourcePath({ ...resource, name: '' }, undefined).replace(/\/$/, '');
  const document = await client.json<{ components?: { schemas?: Schemas } }>('GET', `/openapi/v3${root}`);
  const schemas = document.components?.schemas ?? {};
  const schema = findKind(schemas, resource.group, resource.version, resource.kind);
  if (!schema)
    throw new CommandError(`couldn't find resource for "${resource.group}/${resource.version}, Kind=${resource.kind}"`);
  io.stdout.write(renderHeading(resource.group, resource.version, resource.kind));
  const found = follow(schema, fields, schemas);
  io.stdout.write(renderSchema(found, schemas, fields.at(-1) ?? null, flags.bool('recursive')));
  return 0;
}

function follow(schema: Schema, fields: readonly string[], schemas: Schemas): Schema {
  let found = schema;
  for (const field of fields) {
    const next = resolve(found, schemas).properties?.[field];
    if (!next) throw new CommandError(`field ${JSON.stringify(field)} does not exist`);
    found = next;
  }
  return found;
}

/** `deployment.spec.strategy`: the longest beginning that names a resource, then fields. */
async function findResource(
  { flags, session }: Invocation,
  path: string,
): Promise<{ resource: Resource; fields: string[] }> {
  const discovery = await session.discovery();
  const parts = path.split('.').filter((part) => part !== '');
  const [word = ''] = parts;
  const wanted = flags.string('api-version');
  let found: Resource;
  let used = 1;
  try {
    found = await discovery.find(word);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new PlainError(error.message);
  }
  // `explain virtualservices.networking.istio.io.spec`
  for (let length = parts.length; length > 1; length--) {
    const exact = (await discovery.all()).find(
      (each) =>
        `${each.name}.${each.group}` === parts.slice(0, length).join('.') ||
        `${each.name}.${each.version}.${each.group}` === parts.slice(0, length).join('.'),
    );
    if (!exact) continue;
    found = exact;
    used = length;
    break;
  }
  if (wanted !== '') {
    const versioned = await discovery.findKind(wanted, found.kind);
    if (!versioned) throw new CommandError(`couldn't find resource for "${wanted}, Kind=${found.kind}"`);
    found = versioned;
  }
  return { resource: found, fields: parts.slice(used) };
}
