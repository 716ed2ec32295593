/** The media section of `call stats`, if calls have media. */
import type { CallFigures } from '../../../calls/index.js';

export const MEDIA_FIGURES = [
  { name: 'mos', title: 'MOS', digits: 2 },
  { name: 'mos43', title: 'MOS 4.3+', digits: 0 },
  { name: 'mos40', title: 'MOS 4.0+', digits: 0 },
  { name: 'mos36', title: 'MOS 3.6+', digits: 0 },
  { name: 'mos31', title: 'MOS 3.1+', digits: 0 },
  { name: 'mosBelow31', title: 'MOS < 3.1', digits: 0 },
  { name: 'lossPercent', title: 'RTP loss %', digits: 2 },
  { name: 'noLoss', title: 'no loss', digits: 0 },
  { name: 'lossBelow1', title: 'loss < 1 %', digits: 0 },
  { name: 'lossBelow5', title: 'loss < 5 %', digits: 0 },
  { name: 'lossAbove5', title: 'loss 5 %+', digits: 0 },
  { name: 'oneWay', title: 'one-way', digits: 0 },
] as const satisfies readonly { name: keyof CallFigures; title: string; digits: number }[];

export const MEDIA_MEMBER_NAMES: Partial<Record<keyof CallFigures, string>> = {
  mos43: 'mos_4_3',
  mos40: 'mos_4_0',
  mos36: 'mos_3_6',
  mos31: 'mos_3_1',
  mosBelow31: 'mos_below_3_1',
  lossPercent: 'rtp_loss_percent',
  noLoss: 'loss_none',
  lossBelow1: 'loss_below_1',
  lossBelow5: 'loss_below_5',
  lossAbove5: 'loss_5_and_more',
  oneWay: 'one_way',
};
