import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createSocketServer, type AddressInfo, type Server as SocketServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HttpTimeout, type HttpTransport } from '../../../../../server/commands/kubectl/api/http-answer.ts';
import { createPlainTransport } from '../../../../../server/commands/kubectl/api/plain-transport.ts';

let server: Server;
let url: string;
let transport: HttpTransport;
let connections = 0;

beforeEach(async () => {
  connections = 0;
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      if (request.url === '/never') return;
      if (request.url === '/cut') return void response.write('half', () => response.destroy());
      if (request.url === '/long') return void response.end('\u20ac'.repeat(1_000_000));
      response.end(`${request.method} ${request.url} ${body} ${request.headers['x-group'] ?? ''}`);
    });
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  transport = createPlainTransport();
});

afterEach(async () => {
  transport.dispose();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const send = (path: string, options: { body?: string; headers?: Record<string, string[]>; timeoutMs?: number } = {}) =>
  transport.send({
    method: options.body === undefined ? 'GET' : 'POST',
    url: new URL(url + path),
    headers: options.headers ?? {},
    body: options.body,
    timeoutMs: options.timeoutMs ?? 0,
  });

async function text(path: string, options?: Parameters<typeof send>[1]): Promise<string> {
  let whole = '';
  for await (const piece of (await send(path, options)).pieces()) whole += piece;
  return whole;
}

test('sends one request after the other on one connection', async () => {
  expect(await text('/a?b=c')).toBe('GET /a?b=c  ');
  expect(await text('/d', { body: '\u20ac', headers: { 'x-group': ['one', 'two'] } })).toBe('POST /d \u20ac one, two');

  expect(connections).toBe(1);
});

test('requests at the same time have connections of their own', async () => {
  await Promise.all([text('/a'), text('/b')]);

  expect(connections).toBe(2);
});

test('a long answer arrives whole, characters in one piece', async () => {
  expect(await text('/long')).toBe('\u20ac'.repeat(1_000_000));
});

test('an answer that is left half read does not spoil the next', async () => {
  (await send('/long')).destroy();

  expect(await text('/a')).toBe('GET /a  ');
});

test('an answer that breaks off is an error', async () => {
  await expect(text('/cut')).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('an answer that does not come in time is an error', async () => {
  await expect(send('/never', { timeoutMs: 20 })).rejects.toBeInstanceOf(HttpTimeout);
});

test('a header cannot smuggle in another', async () => {
  await expect(send('/a', { headers: { 'impersonate-user': ['a\r\nimpersonate-group: admins'] } })).rejects.toThrow(
    'a header cannot hold',
  );
});

test('a server that hangs up says so', async () => {
  const rude: SocketServer = createSocketServer((socket) => socket.end());
  rude.listen(0, '127.0.0.1');
  await once(rude, 'listening');
  url = `http://127.0.0.1:${(rude.address() as AddressInfo).port}`;

  await expect(send('/')).rejects.toMatchObject({ code: 'ECONNRESET' });

  rude.close();
});
