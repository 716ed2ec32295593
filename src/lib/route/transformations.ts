/** The transformations that scripts may use: one row each, OpenSIPS' names. */
import { DATA_TRANSFORMATIONS } from './transform-data.js';
import type { TransformationRow } from './transform-row.js';
import { SIP_TRANSFORMATIONS } from './transform-sip.js';
import { TEXT_TRANSFORMATIONS } from './transform-text.js';

export const TRANSFORMATIONS: readonly TransformationRow[] = [...TEXT_TRANSFORMATIONS, ...SIP_TRANSFORMATIONS, ...DATA_TRANSFORMATIONS];

export function transformationRow(name: string): TransformationRow | undefined {
  return TRANSFORMATIONS.find((one) => one.name === name);
}
