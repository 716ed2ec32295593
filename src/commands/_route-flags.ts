/** How a route script is to be read, for the commands that take one. */
import { Flags } from '@oclif/core';

export const routeFlags = {
  'hep-route': Flags.string({ helpValue: 'NAME', default: '', summary: 'what runs for HEP: none, sip, or the name of a route (hep_route); as the file says by default, else sip' }),
  'script-version': Flags.option({ options: ['2', '3'] as const })({ summary: 'order of arguments where both fit: that of OpenSIPS 2 or 3' }),
};
