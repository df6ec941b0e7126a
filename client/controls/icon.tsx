/** Drawn on a grid of 16, in the colour and the size of the text around. */
const PATHS = {
  check: 'M3 8.5l3.2 3.2L13 5',
  cross: 'M4 4l8 8M12 4l-8 8',
  play: 'M5 3.5l7 4.5-7 4.5z',
  stop: 'M4 4h8v8H4z',
  copy: 'M6 6h7v7H6zM3 10V3h7',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5l3 3',
  bulb: 'M6 12.5h4M6.5 14.5h3M8 1.5a4 4 0 0 0-2.5 7.1c.5.5.7 1 .7 1.7h3.6c0-.7.2-1.2.7-1.7A4 4 0 0 0 8 1.5',
  system: 'M2 3h12v8H2zM6 14h4M8 11v3',
  light: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  dark: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5',
  restart: 'M13 8a5 5 0 1 1-1.5-3.6M13 2v3h-3',
  previous: 'M10 3L5 8l5 5',
  next: 'M6 3l5 5-5 5',
  down: 'M3 6l5 5 5-5',
  up: 'M3 10l5-5 5 5',
  list: 'M6 4h8M6 8h8M6 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01',
  plug: 'M5 2v3M11 2v3M3.5 5h9v2.5a4.5 4.5 0 0 1-9 0zM8 12v3',
  unplug: 'M5 2v2M11 2v2M3.5 5h9v2.5a4.5 4.5 0 0 1-9 0zM8 12v3M2 14L14 2',
  waiting: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 5v3l2 1.5',
  speaker: 'M3 6v4h2.5L9 13V3L5.5 6zM11.5 5.5a4 4 0 0 1 0 5',
  dash: 'M4 8h8',
  circle: 'M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3',
  plus: 'M8 4v8M4 8h8',
  mesh: 'M3.5 2.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3M12.5 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3M4.5 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3M4.9 4.6l6.2 2.7M11.1 8.7l-5.2 2.5M3.6 5.5l.7 5',
  split: 'M2.5 3h11v10h-11zM2.5 9h11',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration: what it means has to stand beside it, or in the name of the button that holds it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" data-icon={name}>
      <path d={PATHS[name]} />
    </svg>
  );
}

/** Something is under way. */
export function Spinner() {
  return <span class="spinner" aria-hidden="true" />;
}
