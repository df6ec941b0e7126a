import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readAll, type Io } from '../kubectl/io.ts';
import { parseYamlDocuments } from '../kubectl/yaml-input.ts';
import { isRecord } from '../kubectl/api/object.ts';
import { CommandError } from '../kubectl/errors.ts';
import type { KubernetesObject } from './resources.ts';

/** One YAML document of a file. */
export interface Document {
  file: string;
  /** Line where its content begins, from 1. */
  line: number;
  text: string;
  /** Null for a document that holds no object. */
  object: KubernetesObject | null;
}

/** The documents of a file, or of stdin for `-`. @throws CommandError */
export async function readDocuments(file: string, io: Io): Promise<Document[]> {
  const text = file === '-' ? await readAll(io.stdin) : readText(file, io);
  const documents: Document[] = [];
  let line = 1;
  for (const part of text.split(/^---[^\n]*\n/m)) {
    const before = /^(?:\s*(?:#[^\n]*)?\n)*/.exec(part)?.[0].split('\n').length ?? 1;
    const [value] = parseYamlDocuments(part, file);
    const object = isRecord(value) && isRecord(value.metadata) ? (value as KubernetesObject) : null;
    if (part.trim() !== '') documents.push({ file, line: line + before - 1, text: part, object });
    line += part.split('\n').length;
  }
  return documents;
}

function readText(file: string, io: Io): string {
  try {
    return readFileSync(resolve(io.cwd, file), 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'EISDIR' ? 'is a directory' : 'no such file or directory';
    throw new CommandError(`open ${file}: ${reason}`);
  }
}
