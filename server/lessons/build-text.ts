import type { Block, Lesson } from '../../common/lesson.ts';
import type { Locale } from '../../common/locale.ts';
import type { CheckDefinition, LessonConfig, LessonText } from './definition.ts';
import type { ParsedCheck } from './parse-check.ts';
import type { ParsedBlock, ParsedCheckBlock, ParsedText } from './parsed-text.ts';
import { renderHint, renderTokens } from './render.ts';

/** Puts a sound text into the form that the page gets. `next.available` is false until all lessons are known. */
export function buildText(
  id: string,
  locale: Locale,
  config: LessonConfig,
  file: string,
  text: ParsedText,
): LessonText {
  const checks: Record<string, CheckDefinition> = {};
  const lines: Record<string, number> = {};
  const blocks = text.steps.flatMap((step) => step.blocks);
  for (const block of blocks) {
    lines[block.id] = block.line;
    if (block.kind !== 'check') continue;
    checks[block.name] = soundCheck(block).definition;
    lines[block.name] = block.line;
  }
  const lesson: Lesson = {
    id,
    locale,
    title: config.title[locale],
    summary: config.summary[locale],
    minutes: config.minutes,
    level: config.level,
    stepCount: text.steps.length,
    tool: config.openshift ? 'oc' : 'kubectl',
    istio: config.istio === 'current' ? null : config.istio,
    introHtml: renderTokens(text.intro, id, text.places),
    steps: text.steps.map((step, index) => ({
      id: `step-${index + 1}`,
      title: step.title,
      html: renderTokens(step.tokens, id, text.places),
      blocks: step.blocks.map((block) => buildBlock(block, id)),
    })),
    next: config.next && { id: config.next.id, title: config.next.title[locale], available: false },
  };
  return { file, lesson, checks, lines };
}

function soundCheck({ name, check }: ParsedCheckBlock): ParsedCheck {
  if (check === null) throw new Error(`check "${name}" has problems; a text with any is not built`);
  return check;
}

function buildBlock(block: ParsedBlock, lessonId: string): Block {
  switch (block.kind) {
    case 'hint':
      return { kind: 'hint', id: block.id, html: renderHint(block.text, lessonId) };
    case 'check': {
      const { goal, subject, hints } = soundCheck(block);
      const hintsHtml = Object.entries(hints).map(([clause, text]) => [clause, renderHint(text, lessonId)]);
      return { kind: 'check', id: block.id, name: block.name, goal, subject, hintsHtml: Object.fromEntries(hintsHtml) };
    }
    case 'run': {
      const { terminal, interrupt, timeoutMs } = block.options;
      return {
        kind: 'run',
        id: block.id,
        command: block.command,
        terminal,
        interrupt,
        timeoutMs,
        exit: block.outputs.find((output) => output.exit !== null)?.exit ?? 0,
        outputs: block.outputs.map(({ text, mode }) => ({ text, mode })),
        hintHtml: block.hint === null ? null : renderHint(block.hint.text, lessonId),
      };
    }
  }
}
