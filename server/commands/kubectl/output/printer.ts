import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { groupOf, isRecord, type ApiObject } from '../api/object.ts';
import { kindWord } from '../api/resource.ts';
import { CommandError } from '../errors.ts';
import { OUTPUT_FORMATS } from '../flag-sets.ts';
import type { FlagValues } from '../flags.ts';
import type { Io } from '../io.ts';
import { renderGoSyntax, renderGoValue } from './go-value.ts';
import { compactJson, renderJson, sortKeys } from './json.ts';
import { renderYaml } from './yaml.ts';

/** Prints whole objects, as `-o json` and its like ask for. */
export interface ObjectPrinter {
  /**
   * @param object as the server sent it, or built here with fields in the order of the Go type.
   * @param operation what `-o name` says behind the name when not '': `created`.
   */
  print(object: ApiObject, operation?: string): string;
}

export interface PrinterOptions {
  /** Further formats that the command has, for the message about an unknown one. */
  extraFormats?: readonly string[];
  /** Keep the order of keys in JSON: the object was built here. */
  keepOrder?: boolean;
}

/** @throws CommandError when the format or its template is wrong. */
export async function createPrinter(flags: FlagValues, io: Io, options: PrinterOptions = {}): Promise<ObjectPrinter> {
  const { format, argument } = splitFormat(
    flags.string('output'),
    flags.has('template') ? flags.string('template') : '',
  );
  const managed = flags.has('show-managed-fields') && flags.bool('show-managed-fields');
  const tidy = (object: ApiObject) => (managed ? object : withoutManagedFields(object));
  const allowMissing = !flags.has('allow-missing-template-keys') || flags.bool('allow-missing-template-keys');
  switch (format) {
    case 'json':
      return { print: (object) => renderJson(options.keepOrder ? tidy(object) : sortKeys(tidy(object))) };
    case 'yaml':
    case 'kyaml':
      return yamlPrinter(tidy);
    case 'name':
      return { print: (object, operation = '') => `${objectName(object)}${operation === '' ? '' : ` ${operation}`}\n` };
    case 'jsonpath':
      return jsonPathPrinter(argument, allowMissing);
    case 'jsonpath-file':
      return jsonPathPrinter(readTemplate(argument, io), allowMissing);
    case 'jsonpath-as-json':
      return jsonPathAsJsonPrinter(argument, allowMissing);
    case 'go-template':
    case 'template':
      return goTemplatePrinter(argument, allowMissing);
    case 'go-template-file':
    case 'templatefile':
      return goTemplatePrinter(readTemplate(argument, io), allowMissing);
    default: {
      const allowed = [...OUTPUT_FORMATS, ...(options.extraFormats ?? [])].sort().join(',');
      throw new CommandError(
        `unable to match a printer suitable for the output format ${JSON.stringify(flags.string('output'))}, allowed formats are: ${allowed}`,
      );
    }
  }
}

/** `jsonpath={.a}` gives `jsonpath` and `{.a}`. */
export function splitFormat(output: string, template: string): { format: string; argument: string } {
  const equals = output.indexOf('=');
  if (equals < 0) return { format: output === '' && template !== '' ? 'go-template' : output, argument: template };
  return { format: output.slice(0, equals), argument: output.slice(equals + 1) };
}

/** `pod/web`, `deployment.apps/web`. */
export function objectName(object: ApiObject): string {
  const name = object.metadata?.name ?? '';
  if (object.kind === undefined || object.kind === '') return `<unknown>/${name}`;
  return `${kindWord(object.kind, groupOf(object.apiVersion))}/${name}`;
}

export function withoutManagedFields(object: ApiObject): ApiObject {
  if (Array.isArray(object.items)) {
    return { ...object, items: object.items.map((item) => (isRecord(item) ? withoutManagedFields(item) : item)) };
  }
  if (object.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function yamlPrinter(tidy: (object: ApiObject) => ApiObject): ObjectPrinter {
  let printed = 0;
  return { print: (object) => (printed++ > 0 ? '---\n' : '') + renderYaml(tidy(object)) };
}

// Expressions see managed fields: it is only JSON and YAML that leave them out.

async function jsonPathPrinter(template: string, allowMissing: boolean) {
  if (template === '') throw new CommandError('template format specified but no template given');
  const path = await readPath(template, allowMissing);
  return { print: (object: ApiObject) => runPath(template, object, () => path.print(object)) };
}

async function jsonPathAsJsonPrinter(template: string, allowMissing: boolean) {
  if (template === '') throw new CommandError('template format specified but no template given');
  const path = await readPath(template, allowMissing);
  return {
    print: (object: ApiObject) =>
      runPath(template, object, () =>
        path
          .find(object)
          .map((values) => renderJson(sortKeys(values)))
          .join(''),
      ),
  };
}

async function readPath(template: string, allowMissing: boolean) {
  const { parseJsonPath } = await import('./jsonpath.ts');
  try {
    return parseJsonPath(template, allowMissing);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(`error parsing jsonpath ${template}, ${error.message}`);
  }
}

/** cli-runtime, printers/jsonpath.go: a failed template is shown with the object that it was given. */
function runPath(template: string, object: ApiObject, print: () => string): string {
  try {
    return print();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const details =
      `Error executing template: ${error.message}. Printing more information for debugging the template:\n` +
      `\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${renderGoSyntax(object)}\n\n`;
    throw new CommandError(`error executing jsonpath ${JSON.stringify(template)}: ${details}\n`);
  }
}

async function goTemplatePrinter(template: string, allowMissing: boolean) {
  if (template === '') throw new CommandError('template format specified but no template given');
  const { parseGoTemplate } = await import('./go-template.ts');
  const parsed = readGoTemplate(template, () => parseGoTemplate(template, allowMissing));
  return {
    print(object: ApiObject) {
      try {
        return parsed.execute(object);
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        throw explainTemplate(template, object, error.message);
      }
    },
  };
}

/** cli-runtime, printers/template.go: on stdout stands what helps to find the mistake. */
function explainTemplate(template: string, object: ApiObject, problem: string): CommandError {
  const details =
    `Error executing template: ${problem}. Printing more information for debugging the template:\n` +
    `\ttemplate was:\n\t\t${template}\n\traw data was:\n\t\t${compactJson(object)}\n` +
    `\tobject given to template engine was:\n\t\t${renderGoValue(object)}\n\n`;
  return new CommandError(`error executing template ${JSON.stringify(template)}: ${problem}`, 1, details);
}

function readGoTemplate<Parsed>(template: string, parse: () => Parsed): Parsed {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(`error parsing template ${template}, ${error.message}`);
  }
}

function readTemplate(file: string, io: Io): string {
  try {
    return readFileSync(resolve(io.cwd, file), 'utf8');
  } catch {
    throw new CommandError(`error reading --template ${file}, open ${file}: no such file or directory`);
  }
}
