import { randomBytes } from 'node:crypto';
import { Duplex } from 'node:stream';
import type { NodeRuntime } from '../../cluster/control-plane.ts';
import type { LogLine, RunningContainer } from '../../cluster/containers/runtime.ts';
import type { IstioVersion } from '../../cluster/index.ts';
import { createAuthority } from '../../cluster/mesh/authority.ts';
import { eraOf } from '../../cluster/mesh/era.ts';
import type { KubernetesObject } from '../../cluster/objects/object.ts';

/** Containers that do what a test tells them to. */
export interface FakeRuntime extends NodeRuntime {
  /** Containers that run, as `pod/container`. */
  running(): string[];
  /** Ends a container. */
  exit(pod: string, container: string, code: number): void;
  print(pod: string, container: string, text: string): void;
  /** Ports that containers listen on; all at first. */
  listening: (pod: string, port: number) => boolean;
  /** Whether SIGTERM ends a container; it does at first. */
  stopsOnTerm: boolean;
}

/** Every image exists but those whose name has `missing` in it. */
export function createFakeRuntime(clock: { now(): number }, istio: IstioVersion = 'current'): FakeRuntime {
  const { certificates } = eraOf(istio);
  const authority = createAuthority({ clock: { ...clock, schedule: () => () => {} }, randomBytes, certificates });
  const live = new Map<string, { end: (code: number) => void; print: (text: string) => void }>();
  let count = 0;
  const fake: FakeRuntime = {
    listening: () => true,
    stopsOnTerm: true,
    running: () => [...live.keys()].toSorted(),
    exit(pod, container, code) {
      const found = live.get(`${pod}/${container}`);
      if (!found) throw new Error(`${pod}/${container} does not run: ${fake.running().join(' ')}`);
      found.end(code);
    },
    print: (pod, container, text) => live.get(`${pod}/${container}`)?.print(text),
    meshIdentities: {
      identity: (namespace, account) => authority.issue(namespace, account),
      root: () => 'mesh root\n',
    },
    listen: () => {},
    metrics: () => '',
    dispose: () => live.clear(),
    runtime: {
      hasImage: (image) => !image.includes('missing'),
      inspectImage: (image) => (image.includes('missing') ? undefined : { exposes: [80], uid: 0 }),
      createSandbox: (pod, ip) => ({
        ip,
        start: (name) => start(pod, name),
        dialLocal: (port) => dial(pod.metadata.name, port),
        dialFromNode: (port) => dial(pod.metadata.name, port),
        dispose() {
          for (const key of live.keys()) if (key.startsWith(`${pod.metadata.name}/`)) live.get(key)?.end(137);
        },
      }),
    },
  };

  /** What listens answers every request with 200. */
  function dial(pod: string, port: number): Duplex | null {
    if (!fake.listening(pod, port)) return null;
    return new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        this.push('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
        done();
      },
    });
  }

  function start(pod: KubernetesObject, name: string): RunningContainer {
    const key = `${pod.metadata.name}/${name}`;
    const lines: LogLine[] = [];
    const followers = new Set<(line: LogLine) => void>();
    let end: (code: number) => void = () => {};
    const exited = new Promise<number>((resolve) => {
      end = (code) => {
        live.delete(key);
        resolve(code);
      };
    });
    const print = (text: string) => {
      const line: LogLine = { time: clock.now(), stream: 'stdout', text };
      lines.push(line);
      for (const follower of followers) follower(line);
    };
    live.set(key, { end, print });
    count += 1;
    return {
      id: String(count).padStart(64, '0'),
      exited,
      log: {
        lines: () => lines,
        follow(listener) {
          followers.add(listener);
          return () => void followers.delete(listener);
        },
      },
      exec() {
        throw new Error('the fake runtime runs no commands');
      },
      attach: () => ({ resize() {}, detach() {} }),
      stop: () => fake.stopsOnTerm && end(143),
      listensOn: (port) => fake.listening(pod.metadata.name, port),
    };
  }

  return fake;
}
