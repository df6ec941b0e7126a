/** A sample of Prometheus' text format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/**
 * Reads Prometheus' text format 0.0.4 and takes nothing that its grammar does not: every line is a TYPE, or a sample of
 * the family before it, no family comes twice, no sample comes twice, and histograms are whole and cumulative.
 * @throws Error with the line that is wrong
 */
export function parsePrometheus(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const samples: Sample[] = [];
  const families = new Map<string, string>();
  const seen = new Set<string>();
  let family = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$/.exec(line);
    if (type !== null) {
      [, family = ''] = type;
      if (families.has(family)) throw new Error(`family comes twice: ${line}`);
      families.set(family, type[2] ?? '');
      continue;
    }
    const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match === null) throw new Error(`no sample: ${line}`);
    const [, name = '', body = '', value = ''] = match;
    const own = families.get(family) === 'histogram' ? name.replace(/_(bucket|sum|count)$/, '') : name;
    if (own !== family) throw new Error(`not of the family ${family}: ${line}`);
    const key = `${name}{${body}}`;
    if (seen.has(key)) throw new Error(`sample comes twice: ${line}`);
    seen.add(key);
    if (!/^(-?\d+(\.\d+)?(e[+-]?\d+)?|NaN|[+-]Inf)$/.test(value)) throw new Error(`no number: ${line}`);
    samples.push({ name, labels: parseLabels(body, line), value: Number(value) });
  }
  for (const [name, type] of families) if (type === 'histogram') checkHistogram(name, samples);
  return samples;
}

function parseLabels(body: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = body;
  while (rest !== '') {
    const match = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,(?=.)|$)/.exec(rest);
    if (match === null) throw new Error(`no label at ${rest}: ${line}`);
    const [whole, name = '', value = ''] = match;
    if (labels[name] !== undefined) throw new Error(`label comes twice: ${line}`);
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(whole.length);
  }
  return labels;
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    if (!sample.name.startsWith(`${name}_`)) continue;
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  for (const group of groups.values()) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const values = buckets.map(({ value }) => value);
    const bounds = buckets.map(({ labels }) => (labels['le'] === '+Inf' ? Infinity : Number(labels['le'])));
    const isAscending = (list: number[]): boolean => list.every((one, index) => one >= (list[index - 1] ?? -Infinity));
    if (!isAscending(values) || !isAscending(bounds)) throw new Error(`buckets of ${name} are not cumulative`);
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    if (bounds.at(-1) !== Infinity || values.at(-1) !== count) throw new Error(`+Inf of ${name} is not its count`);
    if (!group.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name} has no sum`);
  }
}
