import type { ApiList, ApiObject } from '../api/object.ts';
import { changeFile, fileOfCurrentContext, firstFile } from '../config/change.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, isNotFound, StatusError, UsageError } from '../errors.ts';
import { isOpenShift3 } from './era.ts';

const PROJECTS = '/apis/project.openshift.io/v1/projects';

/** `oc project`. openshift/oc, pkg/cli/project/project.go. */
export const project: Command = {
  usage: '[NAME]',
  long: 'Switches to another project, or says which one you are in.',
  flags: [{ name: 'short', short: 'q', type: 'bool', usage: 'Print only the name.' }],
  async run(invocation) {
    const { args, flags, io, session } = invocation;
    if (args.length > 1) throw new UsageError('Only one argument is supported (project name or context name).');
    const [wanted] = args;
    const { name: current } = await session.namespace();
    if (wanted === undefined) {
      if (!flags.bool('short')) await getProject(invocation, current);
      io.stdout.write(
        flags.bool('short') ? `${current}\n` : `${await describeCurrent(invocation, 'Using', current)}\n`,
      );
      return 0;
    }
    if (wanted === current) {
      io.stdout.write(`${await describeCurrent(invocation, 'Already on', current)}\n`);
      return 0;
    }
    await getProject(invocation, wanted);
    await switchTo(invocation, wanted);
    if (!flags.bool('short'))
      io.stdout.write(
        `Now using project ${JSON.stringify(wanted)} on server ${JSON.stringify(await serverOf(invocation))}.\n`,
      );
    return 0;
  },
};

/** `oc projects`. openshift/oc, pkg/cli/projects/projects.go. */
export const projects: Command = {
  usage: '',
  long: 'Lists the projects that you may see.',
  flags: [{ name: 'short', short: 'q', type: 'bool', usage: 'Print only the names.' }],
  async run(invocation) {
    const { flags, io, session } = invocation;
    const names = await listProjects(invocation);
    if (flags.bool('short')) {
      io.stdout.write(names.map((name) => `${name}\n`).join(''));
      return 0;
    }
    const { name: current } = await session.namespace();
    io.stdout.write(`${renderProjects(names, current)}\n`);
    if (names.length > 0) io.stdout.write(`\n${await describeCurrent(invocation, 'Using', current)}\n`);
    return 0;
  },
};

/** `oc new-project`. openshift/oc, pkg/cli/requestproject/request_project.go. */
export const newProject: Command = {
  usage: 'NAME [--display-name=DISPLAYNAME] [--description=DESCRIPTION]',
  long: 'Asks for a project of your own and switches to it.',
  flags: [
    { name: 'description', type: 'string', usage: 'What it is for.' },
    { name: 'display-name', type: 'string', usage: 'Name for people.' },
    { name: 'skip-config-write', type: 'bool', usage: 'Stay where you are.' },
  ],
  async run(invocation) {
    const { args, flags, io, session } = invocation;
    const [name, ...more] = args;
    if (name === undefined || more.length > 0) throw new UsageError('must have exactly one argument');
    const client = await session.client();
    await client.json('POST', '/apis/project.openshift.io/v1/projectrequests', {
      body: {
        kind: 'ProjectRequest',
        apiVersion: 'project.openshift.io/v1',
        metadata: { name },
        displayName: flags.string('display-name'),
        description: flags.string('description'),
      },
      subject: { resource: 'projectrequests' },
    });
    if (!flags.bool('skip-config-write')) await switchTo(invocation, name);
    const hint = isOpenShift3(io)
      ? `    oc new-app centos/ruby-25-centos7~https://github.com/sclorg/ruby-ex.git

to build a new example application in Ruby.
`
      : `    oc new-app rails-postgresql-example

to build a new example application in Ruby. Or use kubectl to deploy a simple Kubernetes application:

    kubectl create deployment hello-node --image=registry.k8s.io/e2e-test-images/agnhost:2.43 -- /agnhost serve-hostname

`;
    io.stdout
      .write(`${flags.bool('skip-config-write') ? 'Project' : 'Now using project'} ${JSON.stringify(name)} on server ${JSON.stringify(await serverOf(invocation))}.

You can add applications to this project with the 'new-app' command. For example, try:

${hint}`);
    return 0;
  },
};

/** Names of the projects that may be seen, sorted. */
export async function listProjects({ session }: Invocation): Promise<string[]> {
  const client = await session.client();
  const list = await client
    .json<ApiList>('GET', PROJECTS, { subject: { resource: 'projects' } })
    .catch((error: unknown) => {
      // OpenShift lists those that one may see, so who may not list sees none.
      if (error instanceof StatusError && error.reason === 'Forbidden') return { items: [] };
      throw error;
    });
  return (list.items ?? []).map(({ metadata }) => metadata?.name ?? '').sort();
}

/** The list that `oc login` and `oc projects` print, without a line feed at its end. */
export function renderProjects(names: readonly string[], current: string): string {
  if (names.length === 0) {
    return "You are not a member of any projects. You can request a project to be created with the 'new-project' command.";
  }
  if (names.length === 1) return `You have one project on this server: ${JSON.stringify(names[0])}.`;
  const lines = names.map((name) => `${name === current ? '  * ' : '    '}${name}`);
  return `You have access to the following projects and can switch between them with 'oc project <projectname>':\n\n${lines.join('\n')}`;
}

async function getProject(invocation: Invocation, name: string): Promise<ApiObject> {
  const client = await invocation.session.client();
  try {
    return await client.json<ApiObject>('GET', `${PROJECTS}/${encodeURIComponent(name)}`, {
      subject: { resource: 'projects', name },
    });
  } catch (error) {
    const hidden = isNotFound(error) || (error instanceof StatusError && error.reason === 'Forbidden');
    if (!hidden) throw error;
    const names = await listProjects(invocation);
    const others =
      names.length > 0
        ? `\nYour projects are:\n${names.map((each) => `* ${each}\n`).join('')}To see projects on another server, pass '--server=<server>'.`
        : '';
    const server = await serverOf(invocation);
    throw new CommandError(
      isNotFound(error)
        ? `A project named ${JSON.stringify(name)} does not exist on ${JSON.stringify(server)}.${others}`
        : `You are not a member of project ${JSON.stringify(name)}.${others}`,
    );
  }
}

export async function serverOf({ session }: Pick<Invocation, 'session'>): Promise<string> {
  return (await session.connection()).server;
}

/** The context that oc makes for a project: `PROJECT/HOST:PORT/USER`, dots of the host as dashes. */
async function contextName(invocation: Invocation, namespace: string): Promise<string> {
  const { currentContext, contexts } = await invocation.session.config();
  const { host } = new URL(await serverOf(invocation));
  return `${namespace}/${host.replaceAll('.', '-')}/${(contexts.get(currentContext)?.user ?? '').replace(/\/.*$/, '')}`;
}

async function describeCurrent(invocation: Invocation, verb: string, name: string): Promise<string> {
  const { currentContext } = await invocation.session.config();
  const named =
    currentContext === (await contextName(invocation, name))
      ? ''
      : ` from context named ${JSON.stringify(currentContext)}`;
  return `${verb} project ${JSON.stringify(name)}${named} on server ${JSON.stringify(await serverOf(invocation))}.`;
}

/** Makes a context for the project, with cluster and user of the current one, and goes there. */
async function switchTo(invocation: Invocation, namespace: string): Promise<void> {
  const config = await invocation.session.config();
  const context = config.contexts.get(config.currentContext) ?? {};
  const name = await contextName(invocation, namespace);
  const file = config.contextFiles.get(config.currentContext) ?? firstFile(config);
  await changeFile(file, (content) => {
    const others = (content.contexts ?? []).filter((each) => each.name !== name);
    content.contexts = [...others, { context: { ...context, namespace }, name }];
  });
  await changeFile(await fileOfCurrentContext(config), (content) => {
    content['current-context'] = name;
  });
}
