/** A way into an object: names of fields and indexes of lists. */
export type FieldPath = (string | number)[];

/**
 * Reads `spec.mtls.mode`, `spec.containers[0].name` or `metadata.labels["app.kubernetes.io/name"]`; undefined when it
 * is not a path.
 */
export function parseFieldPath(text: string): FieldPath | undefined {
  const path: FieldPath = [];
  let position = 0;
  while (position < text.length) {
    STEP.lastIndex = position;
    const step = STEP.exec(text);
    if (step === null) return undefined;
    const { index, quoted, dot, name } = step.groups!;
    if (index !== undefined) path.push(Number(index));
    else if (quoted !== undefined) path.push(quoted);
    // A dot stands between names and nowhere else.
    else if ((dot === undefined) === (position === 0)) path.push(name!);
    else return undefined;
    position = STEP.lastIndex;
  }
  return path.length === 0 ? undefined : path;
}

const STEP = /\[(?<index>\d{1,6})\]|\["(?<quoted>[^"]+)"\]|(?<dot>\.)?(?<name>[^.[\]"\s]+)/y;

/** Writes a path so that {@link parseFieldPath} reads it again. */
export function writeFieldPath(path: FieldPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/[.[\]"\s]/.test(step)) text += `["${step}"]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** What stands at the path, undefined when something on the way is absent. Reads own fields only. */
export function readField(value: unknown, path: FieldPath): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}
