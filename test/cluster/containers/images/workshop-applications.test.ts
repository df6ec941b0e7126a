import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCluster, type TestPod } from '../test-cluster.ts';

let cluster: TestCluster;
let client: TestPod;

beforeAll(() => {
  cluster = new TestCluster();
  client = cluster.pod({ image: 'curlimages/curl', command: ['sleep', 'infinity'] });
});
afterAll(() => cluster.dispose());

/** A pod and the service before it. */
function start(name: string, image: string, port: number, targetPort = port): TestPod {
  const pod = cluster.pod({ name: `${name}-1`, image });
  cluster.service(name, { ports: [{ name: 'http', port, targetPort }], pods: [pod] });
  return pod;
}

async function curl(...args: string[]): Promise<string> {
  const { stdout, stderr } = await client.exec(['curl', '-sS', ...args]);
  return stdout + stderr;
}

const status = ['-o', '/dev/null', '-w', '%{http_code}'] as const;

test('todo: what is put through the client is in the repository', async () => {
  start('todo-repo', 'atsistemas/todo-repo:0.3', 8081);
  start('todo-client', 'atsistemas/todo-client:0.3', 8082);

  const created = await curl(
    '-H',
    'content-type: application/json',
    '-d',
    '{"title":"<milk>"}',
    'http://todo-repo:8081/todo',
  );
  await curl('-d', 'title=bread', 'http://todo-client:8082/');

  expect(created).toBe('{"id":1,"title":"<milk>"}');
  expect(await curl('http://todo-client:8082/todo/2')).toBe('{"id":2,"title":"bread"}');
  expect(await curl('http://todo-client:8082/')).toContain('<li>1. &lt;milk&gt;</li>\n<li>2. bread</li>');
});

test('todo: errors are those of Spring Boot', async () => {
  const body = JSON.parse(await curl('http://todo-repo:8081/')) as object;

  expect(body).toMatchObject({ status: 404, error: 'Not Found', message: 'No message available', path: '/' });
  expect(JSON.parse(await curl('http://todo-client:8082/todo/99'))).toMatchObject({ status: 500, message: '404 null' });
  expect(await curl(...status, 'http://todo-repo:8081/swagger-ui.html')).toBe('200');
});

test('todo: the client says what became of its call when the repository is gone', async () => {
  cluster.service('todo-repo', { ports: [{ port: 8081, targetPort: 8081 }], pods: [] });

  expect(await curl('http://todo-client:8082/todo/1')).toContain(
    'I/O error on GET request for \\"http://todo-repo:8081/todo/1\\": Connection refused',
  );
  expect(await curl('http://todo-client:8082/')).toContain('todo-repo did not answer');
});

test('boards: what is pasted on the page is a shared item, newest first', async () => {
  start('boards-mongodb', 'centos/mongodb-36-centos7', 27_017);
  start('boards', 'quay.io/jasonredhat/openshift-microservices-boards:latest', 8080);
  start('app-ui', 'quay.io/jasonredhat/openshift-microservices-app-ui:latest', 8080);
  expect(await curl('http://boards:8080/shareditems')).toBe('[]');

  const pasted = await curl(...status, '-d', 'pastedata=hi', 'http://app-ui:8080/shared/paste');
  await curl('-d', 'pastedata=this+is+good', 'http://app-ui:8080/shared/paste');
  const text = await curl('http://boards:8080/shareditems');

  expect(pasted).toBe('302');
  expect(text).toMatch(/^\[\n {2}\{\n {4}"_id": "[0-9a-f]{24}",\n {4}"owner": "userX",/);
  expect(text).toMatch(/\}\n\]$/);
  expect((JSON.parse(text) as { raw: string }[]).map(({ raw }) => raw)).toEqual(['this is good', 'hi']);
  expect(await curl('http://app-ui:8080/shared')).toContain('<li>this is good<small>userX');
});

test('boards: items of a user are that user’s', async () => {
  const created = await curl('-d', '{"raw":"mine"}', 'http://boards:8080/ann/items');
  const id = created.replace('Created ', '');

  expect(JSON.parse(await curl('http://boards:8080/ann/items'))).toMatchObject([{ raw: 'mine', owner: 'ann', id }]);
  expect(await curl('http://boards:8080/bob/items')).toBe('[]');
  expect(await curl(...status, '-X', 'DELETE', `http://boards:8080/ann/items/${id}`)).toBe('204');
  expect(await curl(...status, `http://boards:8080/ann/items/${id}`)).toBe('404');
});

test('boards: without its database it has an error and no items', async () => {
  cluster.service('boards-mongodb', { ports: [{ port: 27_017, targetPort: 27_017 }], pods: [] });

  expect(await curl('-w', ' %{http_code}', 'http://boards:8080/shareditems')).toBe('Internal Server Error 500');
  expect(await curl('http://app-ui:8080/shared')).toContain('could not be loaded');
});

test('books: five of them, one with its summary, and nothing for a number that no book has', async () => {
  start('books', 'fasttrackistio/books:1.0.0', 4000, 80);

  const list = JSON.parse(await curl('http://books:4000/books')) as { summary: string }[];

  expect(list.map(({ summary }) => summary)).toEqual(['', '', '', '', '']);
  expect(JSON.parse(await curl('http://books:4000/books/1'))).toMatchObject({
    id: 1,
    date: '2020-01-12T00:00:00Z',
    author: 'DELIA OWENS',
    summary: expect.stringMatching(/./) as string,
  });
  expect(await curl(...status, 'http://books:4000/books/9')).toBe('204');
  expect(await curl(...status, 'http://books:4000/books/x')).toBe('400');
  expect(await curl(...status, 'http://books:4000/books/feeling-lucky')).toBe('200');
  expect(await curl(...status, 'http://books:4000/books/legacy')).toBe('500');
});

test('helloworld: says its version and its instance', async () => {
  const { ip } = cluster.pod({ name: 'hello-2', image: 'docker.io/istio/examples-helloworld-v2:1.0' });

  expect(await curl(`http://${ip}:5000/hello`)).toBe('Hello version: v2, instance: hello-2\n');
});

test('tcp-echo: each line comes back behind the word, on every port', async () => {
  const { ip } = cluster.pod({ image: 'docker.io/istio/tcp-echo-server:1.3', args: ['9000,9001', 'one'] });

  for (const port of [9000, 9001]) {
    const { stdout } = await client.sh(`(echo port; echo ${port}) | nc ${ip} ${port}`);
    expect(stdout).toBe(`one port\none ${port}\n`);
  }
});
