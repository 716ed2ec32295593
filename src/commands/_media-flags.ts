/** The flags of RTP. */
import { Flags } from '@oclif/core';
import { UsageError } from '../lib/base/fault.js';

const helpGroup = 'MEDIA';

export const rtpGuessFlag = Flags.boolean({
  summary: 'files and interfaces: also detect RTP that no session description announces (marked as a guess)',
  helpGroup,
});

/** Of the commands that capture. */
export const rtpFlag = Flags.boolean({
  summary: 'measure the RTP of calls: a report of each stream (JSON, payload type 34) for the report table and HEP targets',
  helpGroup: 'INPUT',
});

/** Of the commands that print a row for each call. */
export const mediaFlags = {
  media: Flags.boolean({ summary: 'files and interfaces: measure the RTP of calls: worst MOS, loss, one-way audio', helpGroup }),
  'max-mos': Flags.string({ helpValue: 'MOS', summary: 'only calls whose worst MOS is this or lower (3.5)', helpGroup }),
};

/** `--max-mos` alone is an error that names the flags it requires. */
export function mediaOptions(flags: { media: boolean; 'max-mos'?: string }) {
  const text = flags['max-mos'];
  if (text === undefined) return { media: flags.media, rtpGuess: false, maxMos: null };
  const maxMos = Number(text);
  if (text.trim() === '' || !(maxMos >= 1 && maxMos <= 5))
    throw new UsageError(`invalid --max-mos '${text}': expected a number from 1 to 5, as 3.5`);
  return { media: true, rtpGuess: false, maxMos };
}
