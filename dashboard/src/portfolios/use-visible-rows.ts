import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** Rows that are rendered beyond each edge, so that scrolling does not show blank ones. */
const OVERSCAN = 8;

export interface VisibleRows {
  readonly start: number;
  readonly end: number;
}

/** Which rows of a scrolled element can be seen. */
export function useVisibleRows(
  scrolled: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): VisibleRows {
  const place = useSignal({ top: 0, height: 800 });
  useEffect(() => {
    const element = scrolled.current!;
    const measure = (): void => {
      const { scrollTop: top, clientHeight: height } = element;
      // Only whole rows matter: scrolling by pixels renders nothing.
      const row = Math.floor(top / rowHeight) * rowHeight;
      const { value } = place;
      if (row !== value.top || height !== value.height) place.value = { top: row, height };
    };
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    measure();
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [rowHeight]);
  const { top, height } = place.value;
  const first = Math.floor(top / rowHeight);
  return {
    start: Math.max(0, Math.min(first - OVERSCAN, count)),
    end: Math.min(count, first + Math.ceil(height / rowHeight) + OVERSCAN),
  };
}
