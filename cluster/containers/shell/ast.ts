/** What a shell's source says, before anything is expanded. */

export type Command =
  | SimpleCommand
  | { kind: 'pipeline'; negated: boolean; commands: Command[] }
  | { kind: 'and-or'; first: Command; rest: { operator: '&&' | '||'; command: Command }[] }
  | { kind: 'if'; clauses: { condition: List; body: List }[]; otherwise: List | null; redirects: Redirect[] }
  | { kind: 'loop'; until: boolean; condition: List; body: List; redirects: Redirect[] }
  /** `words` null: the positional parameters. */
  | { kind: 'for'; name: string; words: Word[] | null; body: List; redirects: Redirect[] }
  | { kind: 'case'; word: Word; clauses: { patterns: Word[]; body: List }[]; redirects: Redirect[] }
  | { kind: 'group'; body: List; redirects: Redirect[] }
  | { kind: 'subshell'; body: List; redirects: Redirect[] }
  | { kind: 'function'; name: string; body: Command }
  /** `time` before a pipeline. */
  | { kind: 'timed'; command: Command }
  /** bash's `(( … ))`. */
  | { kind: 'arithmetic'; expression: Word; line: number; redirects: Redirect[] }
  | {
      kind: 'counting-for';
      start: Word;
      condition: Word;
      step: Word;
      line: number;
      body: List;
      redirects: Redirect[];
    }
  /** `[[ … ]]`; operators are strings. */
  | { kind: 'conditional'; items: (Word | string)[]; line: number; redirects: Redirect[] };

export interface SimpleCommand {
  kind: 'simple';
  /** `append` is bash's `+=`. */
  assignments: { name: string; append: boolean; value: Word }[];
  words: Word[];
  redirects: Redirect[];
  line: number;
}

export type List = { command: Command; background: boolean }[];

export type Word = WordPart[];

export type WordPart =
  | { kind: 'text'; text: string; quoted: boolean }
  | { kind: 'parameter'; name: string; operator: string; operand: Word; quoted: boolean }
  | { kind: 'command'; body: List; quoted: boolean }
  | { kind: 'arithmetic'; expression: Word; quoted: boolean }
  /** `${…}` that means nothing. */
  | { kind: 'bad'; text: string; quoted: boolean };

export type Redirect =
  | { kind: 'file'; descriptor: number; operator: '<' | '>' | '>>' | '>|' | '<>' | '&>'; target: Word }
  | { kind: 'duplicate'; descriptor: number; operator: '<&' | '>&'; target: Word }
  /** The parser fills in `body` when it comes to the line after. */
  | { kind: 'here'; descriptor: number; body: Word };
