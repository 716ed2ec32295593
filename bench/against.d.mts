export function verdict(
  unit: string,
  values: readonly (readonly [here: number, there: number])[],
): { unit: string; here: number; there: number; ratio: number; spread: number; ratios: number[]; falls: boolean };
