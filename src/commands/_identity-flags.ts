/** The identity of messages in HEP packets. */
import { Flags } from '@oclif/core';
import type { HepIdentity } from '../lib/pipeline/output/hep-output.js';

/** Which packets carry the identity of their message. */
export function identityFlags(helpGroup: string) {
  return {
    'hep-identity': Flags.option({ options: ['made', 'always'] as const })({
      summary:
        'identity chunk (0x5343:0x0101): made: in packets created by sipcap (default); always: in relayed ones too, and what a broken connection leaves in doubt is repeated (for sipcap targets, which drop repeats)',
      helpGroup,
    }),
    'no-hep-identity': Flags.boolean({ summary: 'no identity chunk in packets created by sipcap', exclusive: ['hep-identity'], helpGroup }),
  };
}

export function identityOf(flags: { 'hep-identity'?: 'made' | 'always'; 'no-hep-identity': boolean }): HepIdentity {
  return flags['no-hep-identity'] ? 'none' : (flags['hep-identity'] ?? 'made');
}
