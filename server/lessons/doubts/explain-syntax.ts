/** Where bash stumbles over a command, and what to do about it. */
export interface SyntaxMistake {
  /** Line of the command, from 0. */
  line: number;
  message: string;
}

/** @param complaint what `bash -n` wrote. */
export function explainSyntax(complaint: string, command: string): SyntaxMistake {
  const [, number = '1', what = complaint] = /^\S*?: line (\d+): (.*)/.exec(complaint) ?? [];
  const last = command.split('\n').length - 1;
  const line = Math.min(Number(number) - 1, last);
  const [, begun, wanted] = /here-document at line (\d+) delimited by end-of-file \(wanted `(.*)'\)/.exec(what) ?? [];
  if (wanted !== undefined) {
    const message = `the text behind "<<${wanted}" has no end. Write ${wanted} alone on a line where it ends.`;
    return { line: Number(begun) - 1, message };
  }
  const open = /looking for matching `(.)'/.exec(what)?.[1];
  if (open === ')' || open === '}') return { line: Math.min(line, last), message: `a "${open}" is missing. Add it.` };
  if (open !== undefined) {
    const mark = open === '"' ? 'a double quote' : open === "'" ? "a single quote, '," : `a ${open}`;
    return { line, message: `${mark} is opened and never closed. Close it.` };
  }
  if (/unexpected end of file/.test(what)) {
    const message = 'it ends too early. Close what is open: if … fi, for … done, case … esac, { … } or ( … ).';
    return { line: last, message };
  }
  const token = /near unexpected token `(.*)'$/.exec(what)?.[1];
  if (token !== undefined)
    return { line, message: `bash does not expect "${token}" here. Remove it, or put quotes around it.` };
  return { line, message: `bash cannot read it: ${what}. Mend it.` };
}
