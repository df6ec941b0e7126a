import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Spinner } from '../controls/icon.tsx';
import { Link } from '../controls/link.tsx';
import { Sentence } from '../controls/sentence.tsx';
import { focusOnArrival, locale, messages } from '../state/navigation.ts';
import { homePath } from '../state/route.ts';
import { Header } from './header.tsx';

interface ProblemPageProps {
  heading: string;
  text: string;
  /** Stands below the text. */
  children?: ComponentChildren;
  onRetry?: () => void;
}

/** Says what is wrong and where to go from here. */
export function ProblemPage({ heading, text, children, onRetry }: ProblemPageProps) {
  const t = messages.value;
  useEffect(() => {
    document.title = t.app.title([heading]);
  }, [heading, t]);
  return (
    <div class="page">
      <Header />
      <main class="page__main problem">
        <h1 ref={focusOnArrival} tabIndex={-1}>
          {heading}
        </h1>
        <p>
          <Sentence text={text} />
        </p>
        {children}
        <p class="problem__ways">
          {onRetry && (
            <button type="button" class="button button--main" onClick={onRetry}>
              {t.problem.retry}
            </button>
          )}
          <Link href={homePath(locale.value)} class="button">
            {t.problem.allLessons}
          </Link>
        </p>
      </main>
    </div>
  );
}

export function LoadingPage() {
  return (
    <div class="page">
      <Header />
      <main class="page__main problem" aria-busy="true">
        <p class="problem__loading">
          <Spinner /> {messages.value.app.loading}
        </p>
      </main>
    </div>
  );
}
