import { describe, expect, it } from 'vitest';
import { MAX_INPUT_LENGTH, parseClientMessage } from '../../common/parse-client-message.ts';
import { FLOW_ACK_BYTES, FLOW_HIGH_BYTES, FLOW_LOW_BYTES, decodeOutput, encodeOutput } from '../../common/protocol.ts';
import type { ClientMessage } from '../../common/protocol.ts';

const messages: ClientMessage[] = [
  { type: 'hello', protocolVersion: 1, terminals: [{ terminal: 1, offset: 12, inputSeq: 3 }] },
  { type: 'terminal-open', terminal: 1, columns: 80, rows: 24 },
  { type: 'terminal-input', terminal: 2, seq: 7, data: 'ls\r' },
  { type: 'terminal-resize', terminal: 1, columns: 1, rows: 1000 },
  { type: 'terminal-ack', terminal: 1, offset: 0 },
  { type: 'terminal-restart', terminal: 1 },
  { type: 'terminal-interrupt', terminal: 9 },
  { type: 'block-run', block: '1-1', interrupt: false },
  { type: 'check-run', check: 'strict' },
  { type: 'step-shown', step: 'step-1' },
  { type: 'mesh-watch', windowSeconds: 600 },
  { type: 'mesh-unwatch' },
  { type: 'cluster-accept', cluster: { server: 'https://lab:6443', context: 'lab', user: 'ann' } },
  { type: 'cluster-accept', cluster: null },
  { type: 'session-restart' },
];

describe('parseClientMessage', () => {
  it.each(messages)('reads $type', (message) => {
    expect(parseClientMessage(JSON.stringify(message))).toEqual(message);
  });

  it('drops what a message does not have', () => {
    const text = JSON.stringify({ type: 'terminal-restart', terminal: 1, __proto__: { a: 1 }, extra: true });

    expect(parseClientMessage(text)).toEqual({ type: 'terminal-restart', terminal: 1 });
  });

  it.each([
    '',
    'null',
    '[]',
    '{"type":"nosuch"}',
    '{"type":"mesh-watch"}',
    '{"type":"cluster-accept"}',
    '{"type":"cluster-accept","cluster":{"server":"https://lab:6443","context":"lab"}}',
    '{"type":"mesh-watch","windowSeconds":4}',
    '{"type":"mesh-watch","windowSeconds":601}',
    '{"type":"terminal-open","terminal":0,"columns":80,"rows":24}',
    '{"type":"terminal-open","terminal":1,"columns":1001,"rows":24}',
    '{"type":"terminal-open","terminal":1,"columns":80.5,"rows":24}',
    '{"type":"terminal-input","terminal":1,"seq":-1,"data":""}',
    '{"type":"terminal-input","terminal":1,"seq":1,"data":{}}',
    '{"type":"hello","protocolVersion":1,"terminals":[{"terminal":1}]}',
    '{"type":"hello","protocolVersion":"1","terminals":[]}',
    '{"type":"block-run","block":"1-1"}',
    JSON.stringify({ type: 'terminal-input', terminal: 1, seq: 1, data: 'x'.repeat(MAX_INPUT_LENGTH + 1) }),
  ])('refuses %j', (text) => {
    expect(parseClientMessage(text)).toBeNull();
  });
});

describe('output frames', () => {
  it('carry terminal, offset and bytes', () => {
    const frame = encodeOutput(3, 2 ** 40 + 1, new TextEncoder().encode('¿qué?'));

    const decoded = decodeOutput(frame);

    expect(decoded?.terminal).toBe(3);
    expect(decoded?.offset).toBe(2 ** 40 + 1);
    expect(new TextDecoder().decode(decoded?.data)).toBe('¿qué?');
  });

  it('are refused when they are too short', () => {
    expect(decodeOutput(new Uint8Array(9))).toBeNull();
  });

  it('are acknowledged before the server would wait for ever', () => {
    expect(FLOW_ACK_BYTES).toBeLessThanOrEqual(FLOW_LOW_BYTES);
    expect(FLOW_LOW_BYTES).toBeLessThan(FLOW_HIGH_BYTES);
  });
});
