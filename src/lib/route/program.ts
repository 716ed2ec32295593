/** A compiled script: its routes, run for each message in turn. */
import type { RouteKind } from './ast.js';
import type { RouteContext } from './context.js';
import { DROP, EXIT, RESUME, Run, type Step } from './run.js';

/** How a run ended: normally, by `exit`, by `drop`, or by `hep_resume_sip()`. */
export type Ending = 'end' | 'exit' | 'drop' | 'resume';

/** A route that the host may run. The body is set once everything is compiled. */
export interface Route {
  readonly kind: RouteKind;
  readonly name: string;
  body: Step;
}

export class Program {
  private readonly state: Run;

  constructor(
    private readonly routes: readonly Route[],
    vars: number,
    avps: readonly string[],
    usesState: boolean,
    limits: { maxWork?: number; maxText?: number } = {},
  ) {
    this.state = new Run(vars, avps, usesState || avps.length > 0, limits.maxWork, limits.maxText);
  }

  /** The route by kind and name ('' for the unnamed one); null if the script has none. */
  route(kind: RouteKind, name = ''): Route | null {
    return this.routes.find((route) => route.kind === kind && route.name === name) ?? null;
  }

  /** Runs one route for one message. Never throws: errors go to `context.failed`. */
  run(route: Route, context: RouteContext): Ending {
    this.state.begin(context);
    return this.ended(route);
  }

  /** Runs another route for the same message: `$avp`, `$du` and `$rc` are as the first one left them. */
  goOn(route: Route, context: RouteContext): Ending {
    this.state.goOn(context);
    return this.ended(route);
  }

  private ended(route: Route): Ending {
    switch (route.body(this.state)) {
      case EXIT:
        return 'exit';
      case DROP:
        return 'drop';
      case RESUME:
        return 'resume';
      default:
        return 'end';
    }
  }
}
