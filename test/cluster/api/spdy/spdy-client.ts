import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  controlFrame,
  createFrameParser,
  dataFrameHeader,
  FLAG_FIN,
  FRAME,
  numbers,
} from '../../../../cluster/api/spdy/frames.ts';
import { createHeaderDecoder, createHeaderEncoder } from '../../../../cluster/api/spdy/header-codec.ts';

export interface ClientStream {
  id: number;
  received: Buffer[];
  accepted: boolean;
  ended: boolean;
  reset: boolean;
}

/** The client's end of a SPDY connection, as far as the tests need one. */
export interface SpdyClient {
  socket: Socket;
  /** The status line and headers of the answer to the upgrade. */
  answer: string;
  streams: ClientStream[];
  goAway: number | undefined;
  closed: boolean;
  pings: number[];
  open(headers: Record<string, string>, flags?: number): ClientStream;
  send(stream: ClientStream, data: Buffer | string, fin?: boolean): void;
  text(stream: ClientStream): string;
}

/** Asks for an upgrade to SPDY. Resolves with the answer, whatever it is. */
export function connectSpdy(url: string, path: string, protocol = 'v4.channel.k8s.io'): Promise<SpdyClient> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  const encoder = createHeaderEncoder();
  const decoder = createHeaderDecoder();
  let nextId = 1;
  const client: SpdyClient = {
    socket,
    answer: '',
    streams: [],
    goAway: undefined,
    closed: false,
    pings: [],
    open(headers, flags = 0) {
      const stream: ClientStream = { id: nextId, received: [], accepted: false, ended: false, reset: false };
      nextId += 2;
      client.streams.push(stream);
      const block = encoder.encode(new Map(Object.entries(headers)));
      socket.write(controlFrame(FRAME.synStream, flags, numbers(stream.id, 0), Buffer.alloc(2), block));
      return stream;
    },
    send({ id }, data, fin = false) {
      const bytes = Buffer.from(data as Buffer);
      socket.write(dataFrameHeader(id, fin ? FLAG_FIN : 0, bytes.length));
      socket.write(bytes);
    },
    text: (stream) => Buffer.concat(stream.received).toString(),
  };
  const streamOf = (id: number) => client.streams.find((one) => one.id === id);
  const parser = createFrameParser({
    data(id, part, fin) {
      const stream = streamOf(id);
      if (!stream) return;
      stream.received.push(Buffer.from(part));
      if (fin) stream.ended = true;
    },
    control(type, _flags, payload) {
      const stream = streamOf(payload.readUInt32BE(0));
      if (type === FRAME.synReply) {
        decoder.decode(payload.subarray(4));
        if (stream) stream.accepted = true;
      }
      if (type === FRAME.rstStream && stream) stream.reset = true;
      if (type === FRAME.goAway) client.goAway = payload.readUInt32BE(4);
      if (type === FRAME.ping) client.pings.push(payload.readUInt32BE(0));
    },
  });
  socket.on('close', () => (client.closed = true));
  socket.on('error', () => {});
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\nContent-Length: 0\r\n\r\n`,
  );
  return new Promise((resolve) => {
    let head = Buffer.alloc(0);
    const readHead = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      client.answer = head.toString('latin1');
      socket.off('data', readHead);
      if (client.answer.startsWith('HTTP/1.1 101')) {
        socket.on('data', (bytes: Buffer) => parser.push(bytes));
        if (head.length > end + 4) parser.push(head.subarray(end + 4));
      }
      socket.on('end', () => socket.end());
      resolve(client);
    };
    socket.on('data', readHead);
  });
}
