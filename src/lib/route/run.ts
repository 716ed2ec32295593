/** One message on its way through a program: variables, return code, and what ends the script. */
import type { HepEndpoint } from '../base/index.js';
import type { RouteContext } from './context.js';
import { PatternBook } from './pattern.js';
import { RelayTargets } from './relay-target.js';
import type { Value } from './value.js';

/** What a statement says to the block around it. */
export const NEXT = 0;
export const BREAK = 1;
export const RETURN = 2;
export const EXIT = 3;
export const DROP = 4;
export const RESUME = 5;

/** Return codes of functions; 0, which ends the script, comes from `return 0` alone. */
export const DONE = 1;
export const REFUSED = -1;

/** A statement, compiled: one of the signals above. */
export type Step = (run: Run) => number;
/** An expression, compiled. */
export type Reader = (run: Run) => Value;
/** A condition, compiled: TRUE, FALSE or FAILED. */
export type Test = (run: Run) => number;
/** A function call, compiled: OpenSIPS' return code. */
export type Call = (run: Run) => number;
/** Sets a variable; false, and told, where the value does not fit. */
export type Writer = (run: Run, value: Value) => boolean;

/** One for each program, used again for each message: nothing here waits, so no two messages are under way. */
export class Run {
  context!: RouteContext;
  /** `$rc`. */
  code = DONE;
  /** What `return` gave. */
  returned = DONE;
  /** Set within an expression by a call that ends the script; the statement around it looks. */
  signal = NEXT;
  /** Set within an expression whose operands do not fit; the statement around it looks. */
  wrong = false;
  /** Routes that are open. */
  depth = 0;
  /** `$du`, '' where it was not set. */
  target = '';
  /** `$ru`, '' where the script did not change it. */
  requestUri = '';
  /** hep_resume_sip() was called; it works once. */
  resumed = false;
  /** `$var`: 0 before they are set, as in OpenSIPS. */
  readonly vars: Value[];
  /** `$avp`: nothing before they are set. */
  readonly avps: Value[];
  readonly patterns = new PatternBook();
  private readonly targets = new RelayTargets();

  constructor(vars: number, avps: number) {
    this.vars = new Array<Value>(vars).fill(0);
    this.avps = new Array<Value>(avps).fill(null);
  }

  begin(context: RouteContext): void {
    this.goOn(context);
    this.code = DONE;
    this.target = '';
    this.requestUri = '';
    this.resumed = false;
    if (this.avps.length > 0) this.avps.fill(null);
  }

  /** The second route of the same message: what the first one set stays. */
  goOn(context: RouteContext): void {
    this.context = context;
    this.signal = NEXT;
    this.wrong = false;
    this.depth = 0;
  }

  /** Tells the host and gives the code of failure. */
  refuse(place: string, reason: string): number {
    this.context.failed(place, reason);
    return REFUSED;
  }

  endpoint(text: string): HepEndpoint | string {
    return this.targets.get(text);
  }
}
