/** Media quality of calls: means and distributions of their worst MOS and their loss. */
import type { CallSummary } from '../summary/call-summary.js';

/** All null if no call has any. The MOS categories are those of G.107 Annex B: from very satisfied to nearly all dissatisfied. */
export interface MediaFigures {
  /** Mean of the calls' worst MOS. */
  mos: number | null;
  /** Calls by their worst MOS: from this value up to the next category. */
  mos43: number | null;
  mos40: number | null;
  mos36: number | null;
  mos31: number | null;
  mosBelow31: number | null;
  /** Mean of the calls' loss, percent. */
  lossPercent: number | null;
  /** Calls without loss, with less than 1 %, less than 5 %, and more. */
  noLoss: number | null;
  lossBelow1: number | null;
  lossBelow5: number | null;
  lossAbove5: number | null;
  /** Answered calls with media from one side only. */
  oneWay: number | null;
}

const MOS_STEPS = [4.3, 4.0, 3.6, 3.1];
const LOSS_STEPS = [0, 1, 5];

export class MediaTotals {
  private readonly byMos = [0, 0, 0, 0, 0];
  private readonly byLoss = [0, 0, 0, 0];
  private mosSum = 0;
  private rated = 0;
  private lossSum = 0;
  private measured = 0;
  private oneWay = 0;

  add({ mos, lossPercent, flags }: Pick<CallSummary, 'mos' | 'lossPercent' | 'flags'>): void {
    if (mos !== null) {
      const step = MOS_STEPS.findIndex((least) => mos >= least);
      this.byMos[step < 0 ? MOS_STEPS.length : step]++;
      this.mosSum += mos;
      this.rated++;
    }
    if (lossPercent === null) return;
    const step = lossPercent === 0 ? 0 : LOSS_STEPS.findIndex((limit) => lossPercent < limit);
    this.byLoss[step < 0 ? LOSS_STEPS.length : step]++;
    this.lossSum += lossPercent;
    this.measured++;
    if (flags.includes('one-way')) this.oneWay++;
  }

  figures(): MediaFigures {
    const { rated, measured, byMos, byLoss } = this;
    const calls = (number: number, of: number) => (of === 0 ? null : number);
    return {
      mos: rated === 0 ? null : this.mosSum / rated,
      mos43: calls(byMos[0], rated),
      mos40: calls(byMos[1], rated),
      mos36: calls(byMos[2], rated),
      mos31: calls(byMos[3], rated),
      mosBelow31: calls(byMos[4], rated),
      lossPercent: measured === 0 ? null : this.lossSum / measured,
      noLoss: calls(byLoss[0], measured),
      lossBelow1: calls(byLoss[1], measured),
      lossBelow5: calls(byLoss[2], measured),
      lossAbove5: calls(byLoss[3], measured),
      oneWay: calls(this.oneWay, measured),
    };
  }
}
