import type { ComponentChildren } from 'preact';
import { LOCALES, LOCALE_NAMES } from '../../common/locale.ts';
import { Icon } from '../controls/icon.tsx';
import { isPlainClick, Link } from '../controls/link.tsx';
import { chooseLocale, hash, locale, messages, route } from '../state/navigation.ts';
import { homePath, translatedPath } from '../state/route.ts';
import { theme, THEMES } from '../state/theme.ts';

interface HeaderProps {
  /** First of all, for the keyboard. */
  before?: ComponentChildren;
  children?: ComponentChildren;
  actions?: ComponentChildren;
}

/** On every page: the way home, what the page adds, language and theme. */
export function Header({ before, children, actions }: HeaderProps) {
  return (
    <header class="header">
      {before}
      <Link href={homePath(locale.value)} class="header__home" label={messages.value.header.home}>
        <Mark />
        <span class="header__name">Taller</span>
      </Link>
      {children}
      <div class="header__actions">
        {actions}
        <LanguageSwitch />
        <ThemeButton />
      </div>
    </header>
  );
}

function Mark() {
  return (
    <svg class="header__mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M8 10l6 6-6 6" />
      <path d="M17 22h8" data-part="cursor" />
    </svg>
  );
}

function LanguageSwitch() {
  return (
    <nav class="language" aria-label={messages.value.header.language}>
      {LOCALES.map((other) => (
        <a
          key={other}
          class="language__link"
          href={translatedPath(route.value, other, hash.value)}
          lang={other}
          hreflang={other}
          title={LOCALE_NAMES[other]}
          aria-label={`${other.toUpperCase()}, ${LOCALE_NAMES[other]}`}
          aria-current={other === locale.value ? 'true' : undefined}
          onClick={(event) => {
            if (!isPlainClick(event)) return;
            event.preventDefault();
            chooseLocale(other);
          }}
        >
          {other.toUpperCase()}
        </a>
      ))}
    </nav>
  );
}

function ThemeButton() {
  const name = messages.value.header.theme[theme.value];
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'system';
  return (
    <button
      type="button"
      class="button button--icon"
      title={name}
      aria-label={name}
      onClick={() => {
        theme.value = next;
      }}
    >
      <Icon name={theme.value} />
    </button>
  );
}
