/** The routes of a configuration, checked with the rest of it. */
import type { Diagnostics, Script } from '../route/index.js';
import { routeProgram } from './script-policy.js';

/** As the settings name them. */
export interface RouteValues {
  hep_route: string;
  script_version: '' | '2' | '3';
  unknown_functions?: 'error' | 'skip';
}

export function checkRoutes(
  script: Script,
  diagnostics: Diagnostics,
  { hep_route: hepRoute, script_version: scriptVersion, unknown_functions: unknownFunctions }: RouteValues,
): void {
  routeProgram(
    script,
    { hepRoute: /^(?:none|sip)$/i.test(hepRoute) ? hepRoute.toLowerCase() : hepRoute, scriptVersion, unknownFunctions },
    diagnostics,
  );
}
