/** How a route script is read. */
import { Flags } from '@oclif/core';
import type { RouteChoice } from '../lib/pipeline/options.js';

const unknownFunctions = {
  options: ['error', 'skip'] as const,
  summary: 'functions of other OpenSIPS modules: report an error, or skip and count them; default: as in the file, else error',
};

export const routeFlags = {
  'hep-route': Flags.string({
    helpValue: 'NAME',
    default: '',
    summary: 'what runs for HEP: none, sip, or the name of a route (hep_route); default: as in the file, else sip',
  }),
  'script-version': Flags.option({ options: ['2', '3'] as const })({
    summary: 'argument order where ambiguous: that of OpenSIPS 2 or 3',
  }),
  'unknown-functions': Flags.option(unknownFunctions)(),
};

/** For the commands that capture or relay. */
export const routeFileFlags = {
  route: Flags.string({
    helpValue: 'FILE',
    summary:
      'let a route script decide what is stored and relayed: routes alone, an OpenSIPS script (.cfg), or a serve configuration (.yaml)',
    helpGroup: 'SCRIPT',
  }),
  'hep-route': Flags.string({
    helpValue: 'NAME',
    default: '',
    summary: 'what runs for HEP: none, sip, or the name of a route (hep_route)',
    helpGroup: 'SCRIPT',
  }),
  'script-version': Flags.option({ options: ['2', '3'] as const })({
    summary: 'argument order where ambiguous: that of OpenSIPS 2 or 3',
    helpGroup: 'SCRIPT',
  }),
  'unknown-functions': Flags.option({ ...unknownFunctions, helpGroup: 'SCRIPT' })(),
};

export function routeChoice(flags: {
  route?: string;
  'hep-route'?: string;
  'script-version'?: '2' | '3';
  'unknown-functions'?: 'error' | 'skip';
}): RouteChoice | null {
  return flags.route === undefined
    ? null
    : {
        file: flags.route,
        hepRoute: flags['hep-route'] ?? '',
        scriptVersion: flags['script-version'] ?? '',
        unknownFunctions: flags['unknown-functions'],
      };
}
