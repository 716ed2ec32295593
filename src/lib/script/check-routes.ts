/** The routes of a configuration, checked with the rest of it. */
import type { Diagnostics, Script } from '../route/index.js';
import { routeProgram } from './script-policy.js';

/** As the settings name them. */
export interface RouteValues {
  hep_route: string;
  script_version: '' | '2' | '3';
  unknown_functions?: 'error' | 'skip';
  script?: { max_statements: number; max_text: number };
}

export function checkRoutes(script: Script, diagnostics: Diagnostics, values: RouteValues): void {
  const { hep_route: hepRoute, script_version: scriptVersion, unknown_functions: unknownFunctions } = values;
  routeProgram(
    script,
    {
      hepRoute: /^(?:none|sip)$/i.test(hepRoute) ? hepRoute.toLowerCase() : hepRoute,
      scriptVersion,
      unknownFunctions,
      scriptLimits: limitsOf(values),
    },
    diagnostics,
  );
}

export function limitsOf({ script }: RouteValues): { maxWork: number; maxText: number } | undefined {
  return script === undefined ? undefined : { maxWork: script.max_statements, maxText: script.max_text };
}
