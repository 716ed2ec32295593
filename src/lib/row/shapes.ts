/** The sets of tables that messages can be stored in, by name (`--shape`). */
export type ShapeName = 'sipcapture' | 'homer5' | 'homer5-split' | 'homer6' | 'homer7';

/** Of each the format of its report table, and the only engine that has it. */
const TRAITS: Readonly<Record<ShapeName, { reports: 'homer5' | 'homer6'; engine: 'mysql' | 'postgresql' | null }>> = {
  sipcapture: { reports: 'homer5', engine: null },
  homer5: { reports: 'homer5', engine: null },
  'homer5-split': { reports: 'homer5', engine: 'mysql' },
  homer6: { reports: 'homer6', engine: null },
  homer7: { reports: 'homer5', engine: 'postgresql' },
};

export const SHAPES = Object.keys(TRAITS) as ShapeName[];

/** Null if every engine has it. */
export function shapeEngine(shape: ShapeName): 'mysql' | 'postgresql' | null {
  return TRAITS[shape].engine;
}

/** The report columns of a shape. */
export function shapeReports(shape: ShapeName): 'homer5' | 'homer6' {
  return TRAITS[shape].reports;
}

/** What was requested besides the shape. */
export interface ShapeWishes {
  isNamed: boolean;
  isPartitioned: boolean;
  /** Times in the zone of this machine. */
  isLocal: boolean;
}

/** What contradicts a set of tables whose names, partitions and times are given; '' if nothing. */
export function fixedProblem(shape: ShapeName, { isNamed, isPartitioned, isLocal }: ShapeWishes): string {
  if (shape !== 'homer7' && shape !== 'homer5-split') return '';
  if (isNamed) return `the tables of ${shape} have fixed names: leave out the table name`;
  if (isPartitioned) return `the tables of ${shape} have partitions of their own: leave out the partition option`;
  return isLocal && shape === 'homer7' ? 'the tables of homer7 have times in UTC: local time is not possible' : '';
}
