const BYTE_ORDER_MARK = '\ufeff';

/** How a file is written, which a tool that changes its text keeps. */
export interface TextForm {
  /** As our readers want it: `\n` ends lines, and nothing stands before the first. */
  text: string;
  /** The text, or another in its place, as the file was written. */
  restore(text: string): string;
}

/** Lines end as most of them did: files with both kinds come of tools that knew one. */
export function readTextForm(content: string): TextForm {
  const mark = content.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const text = content.slice(mark.length).replaceAll(/\r\n?/g, '\n');
  const isWindows = content.split('\r\n').length * 2 > text.split('\n').length;
  return { text, restore: (other) => mark + (isWindows ? other.replaceAll('\n', '\r\n') : other) };
}
