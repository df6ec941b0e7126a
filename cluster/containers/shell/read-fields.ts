/**
 * The fields of a line that `read` gives to `count` variables: the last one gets what is left, without the separator
 * behind it when that is the only one.
 */
export function splitForRead(line: string, ifs: string, count: number): string[] {
  const isSpace = (character: string | undefined): boolean =>
    character !== undefined && ifs.includes(character) && /\s/.test(character);
  let index = 0;
  const skipSpace = (): void => {
    while (isSpace(line[index])) index += 1;
  };
  const fields: string[] = [];
  skipSpace();
  while (fields.length < count - 1 && index < line.length) {
    const start = index;
    while (index < line.length && !ifs.includes(line[index] ?? '')) index += 1;
    fields.push(line.slice(start, index));
    skipSpace();
    if (index < line.length && ifs.includes(line[index] ?? '') && !isSpace(line[index - 1])) index += 1;
    skipSpace();
  }
  let end = line.length;
  while (end > index && isSpace(line[end - 1])) end -= 1;
  const rest = line.slice(index, end);
  const lone = rest.slice(0, -1);
  const endsInSeparator =
    rest !== '' && ifs.includes(rest.at(-1) ?? '') && ![...lone].some((each) => ifs.includes(each));
  return [...fields, endsInSeparator ? lone : rest];
}
