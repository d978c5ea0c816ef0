// Which steps of a trace a field of a crystal came from. Pure.
import type { Anchor, StepRow } from '../host';

/** A field's name as the fields of this page are called: `deadends.0`, `fix.2`, `title`. */
export function fieldName(field: string): string {
  return field.toLowerCase().replace(/[_-]/g, '').replace(/\[(\d+)\]/g, '.$1');
}

/** The spans of lines for `field`; those of its parts count too. */
export function spansOf(anchors: readonly Anchor[], field: string): { from: number; to: number }[] {
  const name = fieldName(field);
  return anchors
    .filter((anchor) => {
      const own = fieldName(anchor.field);
      return own === name || own.startsWith(`${name}.`);
    })
    .map(({ from, to }) => ({ from, to }));
}

/** The numbers of the steps whose line lies within a span. */
export function litSteps(
  steps: readonly StepRow[],
  spans: readonly { from: number; to: number }[],
): Set<number> {
  const lit = new Set<number>();
  for (const step of steps) {
    if (spans.some(({ from, to }) => step.line >= from && step.line <= to)) lit.add(step.n);
  }
  return lit;
}
