const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  txt: 'text/plain',
  png: 'image/png',
  svg: 'image/svg+xml',
};

/** Of a file by the end of its name; undefined when that says nothing. */
export function contentType(path: string): string | undefined {
  return TYPES[/\.(\w+)$/.exec(path)?.[1] ?? ''];
}
