const ESC = '\u001b';
const BEL = '\u0007';
const END = `(?:${BEL}|${ESC}\\\\)`;

/** What a terminal answers by itself when a program asks. */
const REPLIES = new RegExp(
  `^(?:${[
    `${ESC}\\[[?>=]?[\\d;]*(?:c|n|R|\\$y|t)`, // device attributes, status, cursor position, modes, size
    `${ESC}\\[[IO]`, // focus came, focus left
    `${ESC}P[^${ESC}]*${END}`, // settings
    `${ESC}\\][^${BEL}${ESC}]*${END}`, // colours
  ].join('|')})+$`,
);

/** Whether xterm made up `data` as an answer to what it read. Keys of a keyboard are not, F3 with a modifier excepted. */
export function isTerminalReply(data: string): boolean {
  return REPLIES.test(data);
}
