import type { Block } from '../../common/lesson.ts';
import { doneCheck } from '../../common/protocol.ts';
import type { Session } from '../state/session.ts';
import { CheckBlockView } from './check-block.tsx';
import { HintView } from './hint.tsx';
import { RunBlockView } from './run-block.tsx';

interface BlockViewProps {
  block: Block;
  session: Session;
  /** Whether it is worth saying which terminal a command runs in. */
  severalTerminals: boolean;
  /** Brings a terminal to the front. */
  onTerminal(terminal: number): void;
}

/** Gives a block of the text its state and its actions. */
export function BlockView({ block, session, severalTerminals, onTerminal }: BlockViewProps) {
  const connected = session.status.value.phase === 'open';
  switch (block.kind) {
    case 'run':
      return (
        <RunBlockView
          block={block}
          state={session.results.value.blocks[block.id] ?? { status: 'idle' }}
          done={session.results.value.done.has(block.id)}
          refusal={session.refusals.value[block.id] ?? null}
          available={connected && !session.requested.value.has(`block:${block.id}`)}
          showTerminal={severalTerminals}
          onRun={(interrupt) => {
            onTerminal(block.terminal);
            session.runBlock(block.id, interrupt);
          }}
          onDismiss={() => session.dismissRefusal(block.id)}
          onStop={() => session.interrupt(block.terminal)}
        />
      );
    case 'check':
      return (
        <CheckBlockView
          block={block}
          state={session.results.value.checks[block.name] ?? { status: 'idle' }}
          done={session.results.value.done.has(doneCheck(block.name))}
          available={connected && !session.requested.value.has(`check:${block.name}`)}
          onCheck={() => session.runCheck(block.name)}
        />
      );
    case 'hint':
      return <HintView html={block.html} open={false} />;
  }
}
