import { join } from 'node:path';
import { ISTIO_VERSIONS, type IstioVersion } from '../../cluster/index.ts';
import { LESSON_LEVELS, type LessonLevel } from '../../common/lesson.ts';
import { LOCALES, type Locale } from '../../common/locale.ts';
import { TOOL_CHOICES, type ToolChoice } from '../tool-choice.ts';
import type { LessonConfig } from './definition.ts';
import { didYouMean, nearest } from './nearest.ts';
import { readImages } from './read-images.ts';
import { refuseUnknown } from './refuse-unknown.ts';
import { readYaml, type Report, type YamlDocument, type YamlField } from './yaml-document.ts';

export interface ConfigReading {
  config: LessonConfig;
  /** `setup` as written, with the line of each entry's field. Files are still to be looked for. */
  setup: { path: string; line: number }[];
}

const FIELDS = [
  'title',
  'summary',
  'minutes',
  'level',
  'environment',
  'istio',
  'openshift',
  'tools',
  'setup',
  'images',
  'next',
];
const REQUIRED = ['title', 'summary', 'minutes', 'level'];
const MAX_MINUTES = 480;
export const LESSON_ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Reads `lesson.yaml`. @returns undefined after any report. */
export function readConfig(text: string, id: string, directory: string, report: Report): ConfigReading | undefined {
  let sound = true;
  const fail: Report = (line, message) => {
    sound = false;
    report(line, message);
  };
  const document = readYaml(text, 1, 'lesson.yaml', fail);
  if (document === undefined) return undefined;
  const { fields } = document;
  refuseUnknown(fields, FIELDS, 'lesson.yaml', fail);
  for (const name of REQUIRED) {
    const misspelt = [...fields.keys()].some((key) => nearest(key, FIELDS) === name);
    if (!misspelt) fail(1, `the field "${name}" is missing. Add "${name}:".`);
  }
  const setup = readSetup(document, fields.get('setup'), fail);
  const environment = readEnvironment(fields.get('environment'), fail);
  if (environment === 'kubeconfig') {
    for (const name of ['istio', 'openshift', 'images']) {
      const field = fields.get(name);
      if (field)
        fail(field.line, `"${name}" is for the embedded cluster; a real one is what it is. Leave the field out.`);
    }
  }
  const config: LessonConfig = {
    title: readTexts(document, fields.get('title'), fail),
    summary: readTexts(document, fields.get('summary'), fail),
    minutes: readMinutes(fields.get('minutes'), fail),
    level: readLevel(fields.get('level'), fail),
    environment,
    istio: readIstio(fields.get('istio'), fail),
    openshift: readOpenshift(fields.get('openshift'), fail),
    // A real cluster may be another version than our tools stand for, and want a login that only its own know.
    tools: readTools(fields.get('tools'), environment === 'kubeconfig' ? 'system' : 'bundled', fail),
    images: readImages(document, fields.get('images'), fail),
    setup: setup.map(({ path }) => join(directory, 'setup', path)),
    next: readNext(document, fields.get('next'), id, fail),
  };
  return sound ? { config, setup } : undefined;
}

function readTexts(document: YamlDocument, field: YamlField | undefined, report: Report): Record<Locale, string> {
  const texts = Object.fromEntries(LOCALES.map((locale) => [locale, ''])) as Record<Locale, string>;
  const fields = field && document.readMap(field, `"${field.name}"`, report);
  if (fields === undefined) return texts;
  refuseUnknown(fields, LOCALES, `"${field!.name}"`, report);
  for (const locale of LOCALES) {
    const text = fields.get(locale);
    if (text === undefined) report(field!.line, `"${field!.name}" has no "${locale}". Add "${locale}: …" below it.`);
    else if (typeof text.value !== 'string' || text.value.trim() === '') {
      const mend =
        typeof text.value === 'number' || typeof text.value === 'boolean' ? 'Put quotes around it' : 'Write one';
      report(text.line, `"${field!.name}" in "${locale}" must be a text and is ${quote(text.value)}. ${mend}.`);
    } else texts[locale] = text.value.trim();
  }
  return texts;
}

function readMinutes(field: YamlField | undefined, report: Report): number {
  const value = field?.value;
  if (field === undefined) return 0;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_MINUTES) return value;
  report(field.line, `"minutes" is ${quote(value)}. Write a whole number from 1 to ${MAX_MINUTES}.`);
  return 0;
}

function readLevel(field: YamlField | undefined, report: Report): LessonLevel {
  const level = LESSON_LEVELS.find((known) => known === field?.value);
  if (field !== undefined && level === undefined) {
    const near = didYouMean(String(field.value), LESSON_LEVELS);
    report(field.line, `${unknown(field)}. Use ${LESSON_LEVELS.join(', ')}.${near}`);
  }
  return level ?? 'beginner';
}

function readEnvironment(field: YamlField | undefined, report: Report): LessonConfig['environment'] {
  if (field === undefined || field.value === 'embedded') return 'embedded';
  if (field.value === 'kubeconfig') return 'kubeconfig';
  report(
    field.line,
    `${unknown(field)}. Use embedded, or kubeconfig for a cluster of your own; embedded may be left out.${didYouMean(String(field.value), ['embedded', 'kubeconfig'])}`,
  );
  return 'embedded';
}

function readIstio(field: YamlField | undefined, report: Report): IstioVersion {
  if (field === undefined) return 'current';
  const version = ISTIO_VERSIONS.find((known) => known === field.value);
  if (version === undefined) {
    const known = ISTIO_VERSIONS.map((name) => (name === 'current' ? name : `'${name}'`)).join(', ');
    // Without quotes YAML makes a number of 1.4, and of 1.10 the number 1.1.
    const quotes = typeof field.value === 'number' ? ' Put quotes around it.' : '';
    report(field.line, `${unknown(field, 'Istio')}. Use one of ${known}.${quotes}`);
  }
  return version ?? 'current';
}

function readOpenshift(field: YamlField | undefined, report: Report): boolean {
  if (field !== undefined && typeof field.value !== 'boolean') {
    report(field.line, `"openshift" is ${quote(field.value)}. Use true or false.`);
  }
  return field?.value === true;
}

function readTools(field: YamlField | undefined, otherwise: ToolChoice, report: Report): ToolChoice {
  if (field === undefined) return otherwise;
  const choice = TOOL_CHOICES.find((known) => known === field.value);
  if (choice === undefined) {
    report(
      field.line,
      `${unknown(field)}. Use bundled, or system for the machine's own kubectl, oc and istioctl.${didYouMean(String(field.value), TOOL_CHOICES)}`,
    );
  }
  return choice ?? otherwise;
}

function readSetup(
  document: YamlDocument,
  field: YamlField | undefined,
  report: Report,
): { path: string; line: number }[] {
  if (field === undefined) return [];
  const { value, line } = field;
  if (!Array.isArray(value) || !value.every((path) => typeof path === 'string' && path !== '')) {
    report(line, `"setup" must be a list of files below setup/, such as [shop.yaml], and is ${quote(value)}.`);
    return [];
  }
  const items = document.readItems(field, '"setup"', report) ?? [];
  const files = (value as string[]).map((path, index) => ({ path, line: items[index]?.line ?? line }));
  for (const [index, { path, line: place }] of files.entries()) {
    if (files.findIndex((other) => other.path === path) < index) {
      report(place, `setup: "${path}" stands here twice. Remove one.`);
    }
  }
  return files;
}

function readNext(
  document: YamlDocument,
  field: YamlField | undefined,
  id: string,
  report: Report,
): LessonConfig['next'] {
  if (field === undefined || field.value === null) return null;
  const fields = document.readMap(field, '"next"', report);
  if (fields === undefined) return null;
  refuseUnknown(fields, ['id', 'title'], '"next"', report);
  const next = fields.get('id');
  const title = fields.get('title');
  if (typeof next?.value !== 'string' || !LESSON_ID.test(next.value)) {
    report(next?.line ?? field.line, `"next" needs an "id": the name of the lesson's folder, such as authorization.`);
  } else if (next.value === id)
    report(next.line, `"next" leads to this lesson itself, "${id}". Name the one after it.`);
  if (title === undefined)
    report(field.line, '"next" has no "title". Add one in each language, shown until it exists.');
  return { id: String(next?.value), title: readTexts(document, title, report) };
}

/** `unknown level "begginer"`. */
function unknown({ name, value }: YamlField, what = name): string {
  return value === null ? `"${name}" is empty` : `unknown ${what} ${quote(value)}`;
}

function quote(value: unknown): string {
  if (value === null) return 'empty';
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}
