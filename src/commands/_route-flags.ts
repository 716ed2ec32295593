/** How a route script is to be read, for the commands that take one. */
import { Flags } from '@oclif/core';
import type { RouteChoice } from '../lib/pipeline/options.js';

export const routeFlags = {
  'hep-route': Flags.string({
    helpValue: 'NAME',
    default: '',
    summary: 'what runs for HEP: none, sip, or the name of a route (hep_route); as the file says by default, else sip',
  }),
  'script-version': Flags.option({ options: ['2', '3'] as const })({
    summary: 'order of arguments where both fit: that of OpenSIPS 2 or 3',
  }),
};

/** For the commands that capture or relay. */
export const routeFileFlags = {
  route: Flags.string({
    helpValue: 'FILE',
    summary:
      'a route script decides what is stored and relayed: routes alone, an OpenSIPS script (.cfg), or a configuration of serve (.yaml)',
    helpGroup: 'SCRIPT',
  }),
  'hep-route': Flags.string({
    helpValue: 'NAME',
    default: '',
    summary: 'what runs for HEP: none, sip, or the name of a route',
    helpGroup: 'SCRIPT',
  }),
  'script-version': Flags.option({ options: ['2', '3'] as const })({ summary: 'order of arguments where both fit', helpGroup: 'SCRIPT' }),
};

export function routeChoice(flags: { route?: string; 'hep-route'?: string; 'script-version'?: '2' | '3' }): RouteChoice | null {
  return flags.route === undefined
    ? null
    : { file: flags.route, hepRoute: flags['hep-route'] ?? '', scriptVersion: flags['script-version'] ?? '' };
}
