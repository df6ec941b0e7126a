import { describe, expect, it } from 'vitest';
import { parseJsonPath, relaxedPath } from '../../../../../server/commands/kubectl/output/jsonpath.ts';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', labels: { app: 'web', x: 'y' }, annotations: { 'a.b/c': 'x', n: '1' } },
  spec: {
    containers: [
      { name: 'a', image: 'nginx:1', ports: [{ containerPort: 80, name: 'http' }, { containerPort: 443 }] },
      { name: 'b', image: 'redis', command: ['sh', '-c', 'echo'] },
    ],
    priority: 10,
  },
};

// Recorded from kubectl 1.32.4: kubectl label --local -f pod.yaml x=y -o jsonpath=TEMPLATE
describe('parseJsonPath', () => {
  it.each([
    ['.metadata.name', '.metadata.name'],
    ['{.metadata.name}', 'p'],
    ['{.spec.containers[*].name}', 'a b'],
    ['{.spec.containers[?(@.name=="a")].image}', 'nginx:1'],
    ['{..image}', 'nginx:1 redis'],
    ['{.spec.containers[0,1].name}', 'a b'],
    ["{.metadata['name']}", 'p'],
    ['{.spec.containers[-1].name}', 'b'],
    ['{.spec.containers[?(@.ports)].name}', 'a'],
    ['{range .spec.containers[*]}[{.name}]', '[a][b][]'],
    ['{.spec.containers[*].ports[*].containerPort}', '80 443'],
    ['{$.metadata.name}', 'p'],
    ['{.}', ''],
    ['{"a\\tb\\n"}', 'a\tb\n'],
    ["{.metadata.annotations['a\\.b/c']}", 'x'],
    ['{.metadata.annotations.a\\.b/c}', 'x'],
    ['{.spec.containers.name}', ''],
    ['{.spec.containers[0:1].name}', 'a'],
    ['{.spec.containers[::2].name}', 'a'],
    ['{.metadata.*}', '{"a.b/c":"x","n":"1"} {"app":"web","x":"y"} p'],
    ['{.spec.containers[?(@.ports[0].containerPort>79)].name}', 'a'],
    ['a{.metadata.name}b', 'apb'],
    ['{.metadata.name}}', 'p}'],
    ['{ .metadata.name }', 'p'],
    ["{.spec.containers[*]['name','image']}", 'a b nginx:1 redis'],
    [
      '{range .spec.containers[*]}{.name}{" "}{range .ports[*]}{.containerPort},{end}{"\\n"}{end}done',
      'a 80,443,\nb \ndone',
    ],
    ['{range .nope[*]}x{end}y', 'y'],
    ['{range .spec.containers[*]}{.name}{end}{range .spec.containers[*]}{.image}{end}', 'abnginx:1redis'],
    ['{.spec.containers[?(@.name!="a")].name}', 'b'],
    ['{..name}', 'p a http b'],
    ['{.spec.priority}', '10'],
    ['{.spec.containers[0].ports}', '[{"containerPort":80,"name":"http"},{"containerPort":443}]'],
    ['{.nosuch.deeper}', ''],
  ])('prints %s as kubectl does', (template, expected) => {
    expect(parseJsonPath(template).print(POD)).toBe(expected);
  });

  it.each([
    ['{.foo', 'unclosed action'],
    ['{', 'unclosed action'],
    ['{.items[', 'unterminated array'],
    ['{.spec.containers[abc].name}', 'invalid array index abc'],
    ['{#}', "unrecognized character in action: U+0023 '#'"],
    ['{"abc', 'unterminated quoted string'],
    ['{....a}', 'invalid multiple recursive descent'],
    ['{.a[?(@.b', 'unterminated filter'],
  ])('cannot read %s', (template, message) => {
    expect(() => parseJsonPath(template)).toThrow(message);
  });

  it.each([
    ['{.spec.containers[5].name}', 'array index out of bounds: index 5, length 2'],
    ['{foo}', 'unrecognized identifier foo'],
    ['{.metadata.name}{end}', 'not in range, nothing to end'],
    ['{.spec.containers[?(@.name==1)].image}', 'incompatible types for comparison'],
    ['{.metadata.name[0]}', 'string is not array or slice'],
    ['{[0]}', 'map[string]interface {} is not array or slice'],
  ])('fails on %s', (template, message) => {
    expect(() => parseJsonPath(template).print(POD)).toThrow(message);
  });

  it('names a missing field when those are not allowed', () => {
    expect(() => parseJsonPath('{.metadata.nosuch}', false).print(POD)).toThrow('nosuch is not found');
  });
});

describe('relaxedPath', () => {
  it.each([
    ['metadata.name', '{.metadata.name}'],
    ['.metadata.name', '{.metadata.name}'],
    ['{.metadata.name}', '{.metadata.name}'],
    ['{metadata.name}', '{.metadata.name}'],
  ])('reads %s', (text, expected) => {
    expect(relaxedPath(text)).toBe(expected);
  });
});
