/** The routes of a configuration, checked with the rest of it. */
import type { Diagnostics, Script } from '../route/index.js';
import { routeProgram } from './script-policy.js';
import type { Values } from '../config/index.js';

export function checkRoutes(script: Script, diagnostics: Diagnostics, values: Values): void {
  routeProgram(
    script,
    {
      hepRoute: /^(?:none|sip)$/i.test(values.hep_route) ? values.hep_route.toLowerCase() : values.hep_route,
      scriptVersion: values.script_version as '' | '2' | '3',
    },
    diagnostics,
  );
}
