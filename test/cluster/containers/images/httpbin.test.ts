import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pollFor } from '../poll-for.ts';
import { TestCluster, type TestPod } from '../test-cluster.ts';

let cluster: TestCluster;
let client: TestPod;
let server: TestPod;

beforeAll(() => {
  cluster = new TestCluster();
  client = cluster.pod({ image: 'curlimages/curl', command: ['sleep', 'infinity'] });
  server = cluster.pod({
    image: 'docker.io/kong/httpbin',
    command: ['gunicorn', '--access-logfile', '-', '-b', '0.0.0.0:8080', 'httpbin:app', '-k', 'gevent'],
  });
});
afterAll(() => cluster.dispose());

async function get(...args: string[]): Promise<string> {
  const line = args.map((arg) => arg.replace(/^@/, `http://${server.ip}:8080`));
  return (await client.exec(['curl', '-s', ...line])).stdout;
}

describe('httpbin', () => {
  test.each([
    ['/cookies', { cookies: {} }],
    ['/basic-auth/me/secret', null],
    ['/anything/x?a=1&b=2&b=3', { args: { a: '1', b: ['2', '3'] }, method: 'GET', data: '', form: {}, json: null }],
    ['/json', { slideshow: { title: 'Sample Slide Show' } }],
    ['/response-headers?X-One=1', { 'X-One': '1', 'Content-Type': 'application/json', 'Content-Length': '83' }],
    ['/gzip', null],
    ['/redirect/2', null],
  ])('answers %s', async (path, wanted) => {
    const body = await get(`@${path}`);

    if (wanted !== null) expect(JSON.parse(body)).toMatchObject(wanted);
    else expect(await get('-o', '/dev/null', '-w', '%{http_code}', `@${path}`)).toMatch(/^(200|302|401)$/);
  });

  test('takes a password, a token, a cookie and a packed answer', async () => {
    expect(JSON.parse(await get('-u', 'me:secret', '@/basic-auth/me/secret'))).toEqual({
      authenticated: true,
      user: 'me',
    });
    expect(await get('-o', '/dev/null', '-w', '%{http_code} %header{www-authenticate}', '@/basic-auth/me/secret')).toBe(
      '401 Basic realm="Fake Realm"',
    );
    expect(JSON.parse(await get('-H', 'Authorization: Bearer abc', '@/bearer'))).toEqual({
      authenticated: true,
      token: 'abc',
    });
    expect(JSON.parse(await get('-L', '-b', 'none', '-c', '/tmp/jar', '@/cookies/set?a=b'))).toEqual({
      cookies: { a: 'b' },
    });
    expect(JSON.parse(await get('--compressed', '@/gzip'))).toMatchObject({ gzipped: true, method: 'GET' });
    expect(JSON.parse(await get('-L', '@/redirect/3')).url).toMatch(/\/get$/);
    expect(JSON.parse(await get('-F', 'a=b', '@/post'))).toMatchObject({ form: { a: 'b' }, data: '', files: {} });
    expect((await get('@/stream/3')).trim().split('\n')).toHaveLength(3);
    expect(await get('-o', '/dev/null', '-w', '%{size_download}', '@/bytes/7')).toBe('7');
  });

  test('says of what it has not that it has not', async () => {
    expect(await get('@/image/png')).toBe('/image is not simulated here\n');
    expect(await get('@/nothing')).toContain('404 Not Found');
  });

  test('logs requests as gunicorn does where it is told to', async () => {
    await get('-A', 'me/1', '@/status/418');

    const log = server.containers.get('app')?.log;
    const lines = (): string[] => log?.lines().map(({ text }) => text) ?? [];
    await pollFor('the line of the request', () => lines().some((line) => line.includes('/status/418')));
    const line = lines().find((each) => each.includes('/status/418')) ?? '';
    expect(line).toMatch(
      /^10\.\d+\.\d+\.\d+ - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/status\/418 HTTP\/1\.1" 418 135 "-" "me\/1"\n?$/,
    );
  });
});
