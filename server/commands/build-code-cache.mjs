// Runs a built command once against answers that stand here, so that the functions which a `get pods` needs are in
// the cache that launch.cjs reads. Functions that did not run are compiled when they do.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PODS = {
  resource: 'pods',
  responseKind: { group: '', version: 'v1', kind: 'Pod' },
  scope: 'Namespaced',
  singularResource: 'pod',
  verbs: ['get', 'list'],
  shortNames: ['po'],
  categories: ['all'],
};
const DISCOVERY = {
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  items: [{ metadata: {}, versions: [{ version: 'v1', resources: [PODS] }] }],
};
const TABLE = {
  kind: 'Table',
  apiVersion: 'meta.k8s.io/v1',
  metadata: { resourceVersion: '1' },
  columnDefinitions: [{ name: 'Name', type: 'string', format: 'name', priority: 0 }],
  rows: [{ cells: ['web'], object: { metadata: { name: 'web', namespace: 'default' } } }],
};

/**
 * Puts launch.cjs before the programs of a command.
 * @param command path of the command without its ending; its programs are at `COMMAND.NAME.cjs`.
 * @param names of the programs, as `program`.
 * @param line what each is run with: the words, `get pods` for a kubectl.
 * @param env beside what this process has.
 */
export async function buildCodeCache(command, names, line, env) {
  const folder = mkdtempSync(join(tmpdir(), 'taller-code-cache-'));
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url.startsWith('/api?') ? DISCOVERY : TABLE));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    copyFileSync(fileURLToPath(new URL('launch.cjs', import.meta.url)), `${command}.cjs`);
    const kubeconfig = join(folder, 'config');
    writeFileSync(kubeconfig, renderKubeconfig(`http://127.0.0.1:${server.address().port}`));
    for (const name of names) {
      const program = `${command}.${name}.cjs`;
      if (/[\u0080-\uffff]/.test(readFileSync(program, 'utf8'))) {
        throw new Error(`${program} is not ASCII, as launch.cjs expects; write \\u escapes in regular expressions`);
      }
      const own = { ...process.env, ...env, KUBECONFIG: kubeconfig, HOME: folder, TALLER_WRITE_CODE_CACHE: program };
      // The whole program, although the line has one of its own: a flag before the command means the same.
      const words = name === 'program' ? ['--kubeconfig', kubeconfig, ...line] : line;
      const child = spawn(process.execPath, [`${command}.cjs`, ...words], {
        env: own,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const status = await new Promise((resolve) => child.on('close', resolve));
      if (status !== 0) throw new Error(`${command}.cjs ${words.join(' ')} ended with ${status} while it was cached`);
    }
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In the layout of the kubeconfig that a session writes. */
function renderKubeconfig(server) {
  return `apiVersion: v1
kind: Config
clusters:
  - name: taller
    cluster:
      server: ${server}
contexts:
  - name: taller
    context:
      cluster: taller
      user: learner
current-context: taller
users:
  - name: learner
    user: {}
`;
}
