import type { RefObject } from 'preact';

/** One press of an arrow key, in percent. */
const KEY_STEP = 2;

interface SplitterProps {
  /** What is divided. */
  container: RefObject<HTMLElement | null>;
  /** `vertical`: a line between left and right. */
  orientation: 'vertical' | 'horizontal';
  /** Share of the first part, in percent. */
  value: number;
  min: number;
  max: number;
  label: string;
  controls: string;
  onChange(value: number): void;
}

/** The line between two parts of the page, moved with the pointer or with the arrow keys, Home and End. */
export function Splitter({ container, orientation, value, min, max, label, controls, onChange }: SplitterProps) {
  const set = (wanted: number): void => onChange(Math.round(Math.min(Math.max(wanted, min), max) * 10) / 10);

  function drag(event: PointerEvent): void {
    const box = container.current?.getBoundingClientRect();
    if (!box) return;
    set(
      orientation === 'vertical'
        ? ((event.clientX - box.left) / box.width) * 100
        : ((event.clientY - box.top) / box.height) * 100,
    );
  }

  function key(event: KeyboardEvent): void {
    const [less, more] = orientation === 'vertical' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    if (event.key === less) set(value - KEY_STEP);
    else if (event.key === more) set(value + KEY_STEP);
    else if (event.key === 'Home') set(min);
    else if (event.key === 'End') set(max);
    else return;
    event.preventDefault();
  }

  return (
    <div
      class="splitter"
      role="separator"
      tabIndex={0}
      aria-orientation={orientation}
      aria-label={label}
      aria-controls={controls}
      aria-valuenow={Math.round(value)}
      aria-valuemin={min}
      aria-valuemax={max}
      onKeyDown={key}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) drag(event);
      }}
    />
  );
}
