import type { ITheme } from '@xterm/xterm';

const COLOURS = [
  'background',
  'foreground',
  'cursor',
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  'white',
  'brightBlack',
  'brightRed',
  'brightGreen',
  'brightYellow',
  'brightBlue',
  'brightMagenta',
  'brightCyan',
  'brightWhite',
] as const;

/** xterm's colours from `--terminal-red`, `--terminal-bright-red` and so on of the element. */
export function readTerminalTheme(element: Element): ITheme {
  const style = getComputedStyle(element);
  const read = (name: string): string => {
    const property = `--terminal-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return style.getPropertyValue(property).trim();
  };
  return {
    ...Object.fromEntries(COLOURS.map((name) => [name, read(name)])),
    cursorAccent: read('background'),
    selectionBackground: read('selection'),
  };
}
