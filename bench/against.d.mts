export function verdict(
  unit: string,
  values: readonly (readonly [here: number, there: number])[],
): { unit: string; here: number; there: number; ratio: number; spread: number; ratios: number[]; falls: boolean };

export interface BenchRun {
  rows: readonly { row: string; unit: string; value: number }[];
  problem: string;
}

export function judged(
  section: string,
  runs: readonly (readonly [here: BenchRun, there: BenchRun])[],
): {
  results: { section: string; row: string; unit: string; ratios: number[]; falls: boolean }[];
  gaps: { section: string; what: string; why: string; isOurs: boolean }[];
};
