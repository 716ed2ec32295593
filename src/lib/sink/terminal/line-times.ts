/** The times before lines, in the styles of tcpdump's -t. */
import { TimeTexts } from '../../base/index.js';
import type { Zone } from '../../base/time/index.js';

/** none (-t), epoch (-tt), since the previous line (-ttt), date (-tttt), since the first line (-ttttt). */
export const TIME_STYLES = ['none', 'epoch', 'delta', 'date', 'elapsed'] as const;
export type TimeStyle = (typeof TIME_STYLES)[number];

const SECONDS_COLUMNS = 12;

/** The text for each time in microseconds since 1970, one after another. */
export function lineTimes(style: TimeStyle, zone: Zone): (microseconds: number) => string {
  const texts = new TimeTexts();
  let reference = NaN;
  switch (style) {
    case 'none':
      return () => '';
    case 'epoch':
      return (at) => secondsText(at);
    case 'delta':
      return (at) => {
        const since = Number.isNaN(reference) ? 0 : at - reference;
        reference = at;
        return secondsText(since).padStart(SECONDS_COLUMNS);
      };
    case 'elapsed':
      return (at) => {
        if (Number.isNaN(reference)) reference = at;
        return secondsText(at - reference).padStart(SECONDS_COLUMNS);
      };
    case 'date':
      return (at) => texts.at(at + zone.offsetAt(Math.floor(at / 1000)) * 1000);
  }
}

function secondsText(microseconds: number): string {
  const sign = microseconds < 0 ? '-' : '';
  const whole = Math.abs(microseconds);
  return `${sign}${Math.floor(whole / 1e6)}.${String(Math.round(whole % 1e6)).padStart(6, '0')}`;
}
