import type { AuthorAnswer, AuthorImage, AuthorPort } from '../../cluster/index.ts';
import { DURATION_FORM, parseDuration } from './duration.ts';
import { didYouMean, nearest } from './nearest.ts';
import { refuseUnknown } from './refuse-unknown.ts';
import type { Report, YamlDocument, YamlField } from './yaml-document.ts';

const IMAGE_FIELDS = ['image', 'tools', 'user', 'env', 'command', 'ports', 'paths'];
const PORT_FIELDS = ['port', 'protocol'];
const ANSWER_FIELDS = ['status', 'headers', 'body', 'delay', 'echo'];
const TOOLS = ['busybox', 'debian', 'none'] as const;
const PROTOCOLS = ['http', 'tcp'] as const;
const IMAGE_NAME = /^[a-z0-9][a-z0-9._-]*(?::\d+)?(?:\/[a-z0-9][a-z0-9._-]*)*(?::[\w][\w.-]{0,127})?$/;
const HEADER_NAME = /^[-!#$%&'*+.^_`|~\w]+$/;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_UID = 65_533;

/** The images of `lesson.yaml`; what is wrong is reported and left out. */
export function readImages(document: YamlDocument, field: YamlField | undefined, report: Report): AuthorImage[] {
  if (field === undefined) return [];
  const items = document.readItems(field, '"images"', report) ?? [];
  const seen = new Set<string>();
  return items.flatMap((item) => {
    const image = readImage(document, item, report);
    if (image === undefined) return [];
    if (seen.has(image.image)) report(item.line, `the image "${image.image}" stands here twice. Remove one.`);
    seen.add(image.image);
    return [image];
  });
}

type Item = Pick<YamlField, 'line' | 'node'>;

function readImage(document: YamlDocument, item: Item, report: Report): AuthorImage | undefined {
  const fields = document.readMap(item, 'an image', report);
  if (fields === undefined) return undefined;
  refuseUnknown(fields, IMAGE_FIELDS, 'an image', report);
  const name = fields.get('image');
  if (typeof name?.value !== 'string' || !IMAGE_NAME.test(name.value)) {
    if (name !== undefined || ![...fields.keys()].some((key) => nearest(key, IMAGE_FIELDS) === 'image')) {
      const written = name === undefined ? '' : ` is ${quote(name.value)}`;
      report(name?.line ?? item.line, `"image"${written}: write what pods name, such as example.com/shop/cart:v1.`);
    }
    return undefined;
  }
  const command = fields.get('command');
  for (const other of ['ports', 'paths']) {
    const field = fields.get(other);
    if (command === undefined || field === undefined) continue;
    report(field.line, `an image has "command" or "${other}", not both. The command runs in place of the server.`);
  }
  const tools = readWord(fields.get('tools'), TOOLS, 'tools', report);
  if (command !== undefined && tools === 'none') {
    report(command.line, 'the image has a "command" and "tools: none". Write tools: busybox or debian.');
  }
  return {
    image: name.value,
    ...given('tools', tools),
    ...given('user', readNumber(fields.get('user'), 'user', 0, MAX_UID, report)),
    ...given('env', readTexts(document, fields.get('env'), 'env', VARIABLE_NAME, report)),
    ...given('command', readCommand(command, report)),
    ...given('ports', readPorts(document, fields.get('ports'), report)),
    ...given('paths', readPaths(document, fields.get('paths'), report)),
  };
}

function readPorts(document: YamlDocument, field: YamlField | undefined, report: Report): AuthorPort[] | undefined {
  const items = field && document.readItems(field, '"ports"', report);
  const seen = new Set<number>();
  return items?.flatMap((item): AuthorPort[] => {
    const fields = document.readMap(item, 'a port', report);
    if (fields === undefined) return [];
    refuseUnknown(fields, PORT_FIELDS, 'a port', report);
    const port = readNumber(fields.get('port'), 'port', 1, 65_535, report);
    if (port === undefined) {
      if (!fields.has('port')) report(item.line, 'a port needs its number. Write {port: 8080}.');
      return [];
    }
    if (seen.has(port)) report(item.line, `the port ${port} stands here twice. Remove one.`);
    seen.add(port);
    return [{ port, ...given('protocol', readWord(fields.get('protocol'), PROTOCOLS, 'protocol', report)) }];
  });
}

function readPaths(
  document: YamlDocument,
  field: YamlField | undefined,
  report: Report,
): Record<string, AuthorAnswer> | undefined {
  const paths = field && document.readMap(field, '"paths"', report);
  if (paths === undefined) return undefined;
  const answers: Record<string, AuthorAnswer> = {};
  for (const path of paths.values()) {
    if (!/^\/[^\s?#*]*(?:\/\*)?$/.test(path.name) && path.name !== '/*') {
      report(path.line, `the path "${path.name}" must begin with / and may end in /*, as in /items or /items/*.`);
    }
    const fields = document.readMap(path, `the path "${path.name}"`, report);
    if (fields !== undefined) answers[path.name] = readAnswer(document, fields, report);
  }
  return answers;
}

function readAnswer(document: YamlDocument, fields: Map<string, YamlField>, report: Report): AuthorAnswer {
  refuseUnknown(fields, ANSWER_FIELDS, 'an answer', report);
  const [body, echo, delay] = [fields.get('body'), fields.get('echo'), fields.get('delay')];
  if (body !== undefined && typeof body.value !== 'string') {
    report(body.line, `"body" is ${quote(body.value)}, not a text. Put quotes around it.`);
  }
  if (echo !== undefined && typeof echo.value !== 'boolean') {
    report(echo.line, `"echo" is ${quote(echo.value)}. Write true or leave it out.`);
  }
  if (body !== undefined && echo?.value === true) {
    report(body.line, 'an answer has "body" or "echo", not both. Remove one.');
  }
  const delayMs = delay === undefined ? undefined : parseDuration(String(delay.value));
  if (delay !== undefined && delayMs === undefined) {
    report(delay.line, `"delay: ${String(delay.value)}" is not a duration. Write ${DURATION_FORM}.`);
  }
  return {
    ...given('status', readNumber(fields.get('status'), 'status', 200, 599, report)),
    ...given('headers', readTexts(document, fields.get('headers'), 'headers', HEADER_NAME, report)),
    ...(typeof body?.value === 'string' ? { body: body.value } : {}),
    ...given('delayMs', delayMs),
    ...(echo?.value === true ? { echo: true } : {}),
  };
}

function readCommand(field: YamlField | undefined, report: Report): string[] | undefined {
  if (field === undefined) return undefined;
  const { value, line } = field;
  if (Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string')) return value;
  report(line, '"command" must be a list of texts, such as [sh, -c, "sleep infinity"].');
  return undefined;
}

/** A map of texts; numbers and truth values want quotes, as in Kubernetes. */
function readTexts(
  document: YamlDocument,
  field: YamlField | undefined,
  what: string,
  form: RegExp,
  report: Report,
): Record<string, string> | undefined {
  const fields = field && document.readMap(field, `"${what}"`, report);
  if (fields === undefined) return undefined;
  const texts: Record<string, string> = {};
  for (const { name, value, line } of fields.values()) {
    if (!form.test(name)) report(line, `"${name}" cannot be a name in "${what}". Use letters, digits and _ or -.`);
    else if (typeof value !== 'string' || /[\r\n\0]/.test(value)) {
      report(line, `"${name}" in "${what}" is ${quote(value)}, not a text of one line. Put quotes around it.`);
    } else texts[name] = value;
  }
  return texts;
}

function readNumber(
  field: YamlField | undefined,
  what: string,
  least: number,
  most: number,
  report: Report,
): number | undefined {
  const value = field?.value;
  if (field === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  report(field.line, `"${what}" is ${quote(value)}. Write a whole number from ${least} to ${most}.`);
  return undefined;
}

function readWord<T extends string>(
  field: YamlField | undefined,
  known: readonly T[],
  what: string,
  report: Report,
): T | undefined {
  if (field === undefined) return undefined;
  const found = known.find((word) => word === field.value);
  if (found === undefined) {
    const near = didYouMean(String(field.value), known);
    report(field.line, `unknown ${what} ${quote(field.value)}. Use ${known.join(', ')}.${near}`);
  }
  return found;
}

/** A field of an object, or none: `undefined` is not written out. */
function given<K extends string, V>(name: K, value: V | undefined): { [name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [name in K]?: V });
}

function quote(value: unknown): string {
  if (value === null) return 'empty';
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}
