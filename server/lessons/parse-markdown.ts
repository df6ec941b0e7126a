import { lexer, type Token, type Tokens, type TokensList } from 'marked';
import { CLUSTER_ADDRESS } from '../../common/ingress-url.ts';
import { readCommandLines } from '../terminal/command-lines.ts';
import { type FenceAction, parseFenceInfo } from './fence-options.ts';
import { fenceSpan, findForgottenEnd } from './fence-extent.ts';
import { parseCheck, reportPattern } from './parse-check.ts';
import type { ParsedRun, ParsedStep, ParsedText } from './parsed-text.ts';
import { isSafeLink } from './safe-link.ts';
import { SourceLines } from './source-lines.ts';
import type { Report } from './yaml-document.ts';

/** Comparing two languages costs the square of it. Long lessons have 50. */
const MAX_BLOCKS = 300;

/**
 * Cuts a text into steps at its `##` headings and reads the fences that carry an action.
 * Reports every mistake with its line and reads on, so that an author sees all of them at once.
 */
export function parseMarkdown(markdown: string, report: Report): ParsedText {
  const source = markdown.replace(/^\ufeff/, '').replaceAll(/\r\n?/g, '\n');
  return new MarkdownReader(source, report).read();
}

class MarkdownReader {
  readonly #source: string;
  readonly #lines: SourceLines;
  readonly #report: Report;
  readonly #text: ParsedText = {
    title: null,
    intro: [],
    steps: [],
    places: new Map(),
    images: [],
    strays: [],
    brokenLines: new Set(),
  };
  readonly #checkLines = new Map<string, number>();
  /** The run block that an output or a hint right here belongs to. */
  #open: ParsedRun | null = null;
  #blockCount = 0;
  /** Lines of `<details>` that are still open. */
  #folds: number[] = [];

  constructor(source: string, report: Report) {
    this.#source = source;
    this.#lines = new SourceLines(source);
    this.#report = (line, message) => {
      this.#text.brokenLines.add(line);
      report(line, message);
    };
  }

  read(): ParsedText {
    if (FRONT_MATTER.test(this.#source)) {
      this.#report(1, 'what stands between "---" and "---" is not read here. Move it to lesson.yaml.');
    }
    const tokens = this.#lex();
    if (tokens === null) return this.#text;
    for (const token of tokens) {
      const line = this.#lines.topLevel(token);
      if (token.type === 'heading' && token.depth <= 2) this.#readHeading(token as Tokens.Heading, line);
      else {
        (this.#text.steps.at(-1)?.tokens ?? this.#text.intro).push(token);
        this.#readToken(token, line);
      }
    }
    this.#endFolds();
    if (this.#text.steps.length === 0) this.#report(1, 'there is no step. Begin each step with a "## Title" heading.');
    return this.#text;
  }

  #lex(): TokensList | null {
    try {
      // Its lines stay, empty, so that all others keep their numbers.
      return lexer(this.#source.replace(FRONT_MATTER, (text) => text.replaceAll(/[^\n]+/g, '')));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#report(1, 'the text nests lists or quotes too deeply to be read. Write it flatter.');
      return null;
    }
  }

  #readHeading(heading: Tokens.Heading, line: number): void {
    this.#open = null;
    this.#endFolds();
    const title = plainText(heading.tokens).trim();
    const isTitle = heading.depth === 1 && this.#text.title === null && this.#text.steps.length === 0;
    if (isTitle) this.#text.title = { text: title, line };
    else {
      if (heading.depth === 1) {
        this.#report(line, `"# ${title}" is a second title. Begin a step with "##", a part of a step with "###".`);
      } else if (title === '') this.#report(line, 'a step without a title. Write it behind "##".');
      this.#text.steps.push({ title, line, tokens: [], blocks: [] });
    }
  }

  #readToken(token: Token, line: number): void {
    switch (token.type) {
      case 'space':
      case 'def':
        return;
      case 'code':
        this.#readCode(token as Tokens.Code, line);
        return;
      case 'list':
        for (const item of (token as Tokens.List).items) {
          this.#open = null;
          for (const child of item.tokens) this.#readToken(child, line);
        }
        return;
      case 'blockquote':
        this.#open = null;
        for (const child of (token as Tokens.Blockquote).tokens) this.#readToken(child, line);
        return;
      case 'html':
        this.#readHtml(token as Tokens.HTML, line);
        break;
      case 'table':
        for (const cell of tableCells(token as Tokens.Table)) this.#readInline(cell.tokens, line);
        break;
      default:
        this.#readInline((token as Tokens.Generic).tokens ?? [], line);
    }
    this.#open = null;
  }

  #readInline(tokens: readonly Token[], line: number): void {
    for (const token of tokens) {
      if (token.type === 'image') this.#readImage(token as Tokens.Image, line);
      else if (token.type === 'link') this.#readLink(token as Tokens.Link, line);
      else if (token.type === 'html') this.#readHtml(token as Tokens.Tag, line);
      else if (token.type === 'codespan') this.#readCodeSpan(token as Tokens.Codespan, line);
      else if (token.type === 'text') this.#readText(token as Tokens.Text, line);
      this.#readInline(('tokens' in token && token.tokens) || [], line);
    }
  }

  #readImage({ href, text }: Tokens.Image, blockLine: number): void {
    const line = this.#lines.containing(href, blockLine);
    if (text.trim() === '')
      this.#report(line, `the image "${href}" has no description. Write ![what it shows](${href}).`);
    this.#text.images.push({ href, alt: text, line });
  }

  #readLink({ href }: Tokens.Link, blockLine: number): void {
    if (isSafeLink(href) || CLUSTER_ADDRESS.test(href)) return;
    const line = this.#lines.containing(href, blockLine);
    if (/^cluster:/i.test(href)) {
      const form = 'Write cluster://HOST/PATH, or cluster:///PATH for the ingress gateway itself.';
      return this.#report(line, `the link "${href}" cannot be read. ${form}`);
    }
    this.#report(line, `the link "${href}" leads nowhere in the page. Write an address that begins with https://.`);
  }

  /** A fence with two marks, which Markdown takes for code within a sentence. */
  #readCodeSpan({ raw }: Tokens.Codespan, blockLine: number): void {
    const info = /^(?:``|~~)((?:(?:sh|bash|shell) run|output|check|hint)\b.*)\n/.exec(raw)?.[1];
    if (info === undefined) return;
    const line = this.#lines.containing(info, blockLine);
    this.#report(line, `"\`\`${info}" has two marks and would be shown as text. A fence has three: \`\`\`${info}`);
  }

  /** What other formats write behind a command to make it run, and what is not quite an image. */
  #readText({ text }: Tokens.Text, blockLine: number): void {
    const image = /!\[[^\]]*\]\([^)]*\)/.exec(text)?.[0];
    if (image !== undefined) {
      const what = `"${image}" would be shown as text. Write ![what it shows](images/NAME.svg), the name without blanks.`;
      this.#report(this.#lines.containing(image, blockLine), what);
    }
    const mark = /\{\{ ?(?:execute|exec|copy)\b[^{}]*\}\}/i.exec(text)?.[0];
    if (mark === undefined) return;
    const line = this.#lines.containing(mark, blockLine);
    this.#report(line, `"${mark}" does nothing here. Put the command into a fence of its own, \`\`\`sh run.`);
  }

  /** One that is left open would swallow the rest of its step, commands and all. */
  #endFolds(): void {
    for (const line of this.#folds) {
      this.#report(line, '"<details>" is not closed in its step. Write </details> where it ends.');
    }
    this.#folds = [];
  }

  #readHtml({ text, raw }: Tokens.HTML | Tokens.Tag, blockLine: number): void {
    if (raw.startsWith('<!--')) return;
    for (const [tag] of text.matchAll(/<\/?details\b/gi)) {
      if (tag.startsWith('</')) this.#folds.pop();
      else this.#folds.push(this.#lines.containing(tag, blockLine));
    }
    const fence = /^ *(?:```|~~~).*$/m.exec(text);
    if (fence !== null) {
      const line = this.#lines.containing(fence[0], blockLine);
      this.#report(
        line,
        `"${fence[0].trim()}" is inside HTML and would be shown as text. Leave an empty line before it.`,
      );
    }
    const left =
      /<(?:script|style|iframe|object|embed|form|input|button|select|textarea|dialog|link|meta|base)\b|\s(?:on[a-z]+|style)=/i.exec(
        text,
      )?.[0];
    if (left !== undefined) {
      const line = this.#lines.containing(left.trim(), blockLine);
      this.#report(line, `"${left.trim()}" is left out of the page. Remove it, or write it in Markdown.`);
    }
    if (/<img\b/i.test(text)) {
      this.#report(
        this.#lines.containing('<img', blockLine),
        'an image in HTML. Write ![what it shows](images/NAME.svg).',
      );
    }
  }

  #readCode(code: Tokens.Code, blockLine: number): void {
    if (code.codeBlockStyle === 'indented') {
      this.#open = null;
      const fence = /^ *(?:```|~~~) *\S.*$/m.exec(code.text);
      if (fence === null) return;
      const line = this.#lines.containing(fence[0].trim(), blockLine);
      this.#report(
        line,
        `"${fence[0].trim()}" is indented so far that it is shown as text. Indent it as its paragraph is.`,
      );
      return;
    }
    const line = this.#lines.fence(code);
    const action = parseFenceInfo(code.lang ?? '', (message) => this.#report(line, message));
    const forgotten = findForgottenEnd(code, line);
    if (forgotten !== null && (action !== null || forgotten.inside === null)) {
      const before =
        forgotten.inside === null ? 'never closed' : `not closed before another begins on line ${forgotten.inside}`;
      this.#report(line, `the fence is ${before}. Close it with as many marks as it was opened with.`);
    }
    if (action === null || forgotten !== null) this.#open = null;
    else this.#readAction(action, code, line);
  }

  #checkHint(text: string, line: number): void {
    const lines = text.split('\n');
    const inside = lines.findIndex((one) => /^ *(?:`{3}|~{3})/.test(one));
    if (inside === -1) return;
    const fence = lines[inside]!.trim();
    this.#report(
      line + 1 + inside,
      `"${fence}" is inside a hint, which holds no fences. Put it below the hint, or write \`code\`.`,
    );
  }

  /** What the terminal would refuse to type. */
  #checkCommand(command: string, line: number): void {
    const prompt = /^\s*\$ +(.*)/.exec(command);
    if (prompt !== null) {
      this.#report(line + 1, `"${prompt[0].trim()}" begins with a prompt. Write the command alone: ${prompt[1]}`);
    }
    try {
      readCommandLines(command);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#report(line, error.message);
    }
  }

  #readAction(action: FenceAction, code: Tokens.Code, line: number): void {
    let step = this.#text.steps.at(-1);
    const run = this.#open;
    if (action.kind !== 'output' && !(action.kind === 'hint' && run !== null && run.hint === null)) this.#open = null;
    if (code.text.trim() === '' && action.kind !== 'output') {
      this.#report(line, `the ${action.kind} fence is empty. Write something into it or remove it.`);
      if (action.kind === 'check') return;
    }
    if (action.kind === 'run') this.#checkCommand(code.text, line);
    if (action.kind === 'hint') this.#checkHint(code.text, line);
    if (step === undefined) {
      const article = action.kind === 'output' ? 'an' : 'a';
      this.#report(line, `${article} ${action.kind} fence before the first step. Move it below a "##" heading.`);
      // Read all the same, for the mistakes in it and so that its output is not taken for a stray one.
      step = { title: '', line, tokens: [], blocks: [] };
    }
    if (action.kind === 'output') this.#readOutput(action, code, line, run);
    else if (this.#open !== null) {
      this.#open.hint = { text: code.text, ...fenceSpan(code, line) };
      this.#text.places.set(code, null);
    } else this.#addBlock(action, code, line, step);
  }

  #readOutput(
    action: Extract<FenceAction, { kind: 'output' }>,
    code: Tokens.Code,
    line: number,
    run: ParsedRun | null,
  ): void {
    const output = { text: code.text, mode: action.mode, exit: action.exit, ...fenceSpan(code, line) };
    if (run === null || run.hint !== null) {
      this.#text.strays.push({ ...output, step: this.#text.steps.length });
      this.#report(line, 'an output fence without its command. Put it directly below a ```sh run fence.');
      return;
    }
    const other = run.outputs.find((output) => output.exit !== null);
    if (action.exit !== null && other !== undefined && other.exit !== action.exit) {
      this.#report(
        line,
        `exit=${action.exit}, but line ${other.line} says exit=${other.exit}. A command has one exit status.`,
      );
    }
    reportPattern(code.text, action.mode, line + 1, this.#report);
    run.outputs.push(output);
    this.#text.places.set(code, null);
  }

  #addBlock(action: Exclude<FenceAction, { kind: 'output' }>, code: Tokens.Code, line: number, step: ParsedStep): void {
    this.#blockCount++;
    if (this.#blockCount === MAX_BLOCKS + 1) {
      this.#report(line, `more than ${MAX_BLOCKS} blocks in one lesson. Make two lessons of it.`);
    }
    if (this.#blockCount > MAX_BLOCKS) return;
    const id = `${this.#text.steps.length}-${step.blocks.length + 1}`;
    this.#text.places.set(code, id);
    if (action.kind === 'run') {
      this.#open = {
        kind: 'run',
        id,
        ...fenceSpan(code, line),
        command: code.text,
        options: action,
        outputs: [],
        hint: null,
      };
      step.blocks.push(this.#open);
    } else if (action.kind === 'hint')
      step.blocks.push({ kind: 'hint', id, ...fenceSpan(code, line), text: code.text });
    else {
      const before = this.#checkLines.get(action.name);
      if (before !== undefined) {
        this.#report(line, `a second check "${action.name}"; the first is on line ${before}. Give it another name.`);
      }
      this.#checkLines.set(action.name, line);
      const check = parseCheck(action.name, code.text, line + 1, this.#report);
      step.blocks.push({ kind: 'check', id, ...fenceSpan(code, line), name: action.name, check: check ?? null });
    }
  }
}

/** As other site generators have it at the top of a page. */
const FRONT_MATTER = /^---[ \t]*\n(?:[^\n]*\n)*?---[ \t]*(?:\n|$)/;

function tableCells(table: Tokens.Table): Tokens.TableCell[] {
  return [...table.header, ...table.rows.flat()];
}

function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => ('tokens' in token && token.tokens ? plainText(token.tokens) : 'text' in token ? token.text : ''))
    .join('');
}
