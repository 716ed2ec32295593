/** One value over time as a line of bars, with the worst moment marked below. */
import type { Zone } from '../../base/time/index.js';
import type { QualityPoint } from './quality-points.js';

export interface PlotRow {
  name: string;
  of(point: QualityPoint): number | null;
  worst: 'highest' | 'lowest';
  digits: number;
  /** The value of a full bar unless exceeded, so that small values look small. */
  top: number;
}

const BARS = ' ▁▂▃▄▅▆▇█';
const COLUMNS = 60;
const NAME_COLUMNS = 10;

/** Empty if no point has the value. */
export function plotLines(row: PlotRow, points: readonly (QualityPoint & { capturedAt: number })[], zone: Zone): string[] {
  const known = points.flatMap((point) => {
    const value = row.of(point);
    return value === null ? [] : [{ at: point.capturedAt, value }];
  });
  if (known.length === 0) return [];
  const first = known[0].at;
  const span = Math.max(known[known.length - 1].at - first, 1);
  const columns = Math.min(COLUMNS, known.length);
  const place = (at: number) => Math.min(columns - 1, Math.floor(((at - first) / span) * columns));
  const isWorse = (a: number, b: number) => (row.worst === 'highest' ? a > b : a < b);
  const cells: (number | null)[] = new Array<number | null>(columns).fill(null);
  let worst = known[0];
  for (const point of known) {
    const column = place(point.at);
    const cell = cells[column];
    if (cell === null || isWorse(point.value, cell)) cells[column] = point.value;
    if (isWorse(point.value, worst.value)) worst = point;
  }
  const top = Math.max(row.top, ...known.map(({ value }) => value));
  const bars = cells
    .map((cell) => (cell === null ? ' ' : BARS[Math.max(cell > 0 ? 1 : 0, Math.min(8, Math.round((cell / top) * 8)))]))
    .join('');
  const mean = known.reduce((sum, { value }) => sum + value, 0) / known.length;
  const line = `${row.name.padEnd(NAME_COLUMNS)} ${bars.padEnd(columns)}  mean ${mean.toFixed(row.digits)}`;
  // A flat line has no worst moment.
  if (known.every(({ value }) => value.toFixed(row.digits) === worst.value.toFixed(row.digits))) return [line];
  return [
    `${line}, worst ${worst.value.toFixed(row.digits)} at ${zone.text(worst.at).slice(11, 19)}`,
    `${''.padEnd(NAME_COLUMNS)} ${' '.repeat(place(worst.at))}^`,
  ];
}
