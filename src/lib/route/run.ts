/** The state of one message in a program: variables, return code, and what ends the script. */
import type { HepEndpoint } from '../base/index.js';
import { Avps } from './avps.js';
import type { RouteContext } from './context.js';
import { MAX_TEXT, MAX_WORK } from './limits.js';
import { PatternCache } from './pattern.js';
import { RelayTargets } from './relay-target.js';
import type { Value } from './value.js';

/** What a statement returns to the block around it. */
export const NEXT = 0;
export const BREAK = 1;
export const RETURN = 2;
export const EXIT = 3;
export const DROP = 4;
export const RESUME = 5;

/** A statement, compiled: one of the signals above. */
export type Step = (run: Run) => number;
/** An expression, compiled. */
export type Reader = (run: Run) => Value;
/** A transformation, compiled. */
export type Transformer = (run: Run, text: string) => Value;
/** A condition, compiled: TRUE, FALSE or FAILED. */
export type Test = (run: Run) => number;
/** A function call, compiled: OpenSIPS' return code. */
export type Call = (run: Run) => number;
/** Sets a variable; false, and reported, if the value is not valid for it. */
export type Writer = (run: Run, value: Value) => boolean;

export const NO_PARAMS: readonly Value[] = [];

/** A route as `$route` shows it. */
export interface RouteTitle {
  readonly kind: string;
  readonly name: string;
}

export const TOO_MUCH_WORK = 'the script takes too many statements for one message';

export interface BodyPart {
  contentType: string;
  /** Without parameters, in lower case. */
  type: string;
  text: string;
}

export interface ReadOnce {
  /** The text it was parsed from: a script may change it. */
  payload: Buffer;
  parts: readonly BodyPart[] | null;
  headerNames: readonly string[] | null;
}

/** One per program, reused for each message: nothing here is asynchronous, so no two messages are in flight. */
export class Run {
  context!: RouteContext;
  /** `$rc`. */
  code = 1;
  /** The value of `return`. */
  returned = 1;
  /** Set within an expression by a call that ends the script; checked by the statement around it. */
  signal = NEXT;
  /** Set if the evaluation of an expression failed; checked by the assignment. */
  hasNoValue = false;
  /** Values after the code of `return`, for `$return(0)`. */
  results: readonly Value[] = NO_PARAMS;
  /** Depth of route calls. */
  depth = 0;
  /** The callers of the current route, the outermost first. */
  readonly callers: RouteTitle[] = [];
  /** Statements so far, plus the cost of long texts. */
  work = 0;
  /** `$du`, '' if not set. */
  target = '';
  /** `$ru`, '' if not changed by the script. */
  requestUri = '';
  /** `$var`: 0 before they are set, as in OpenSIPS. */
  readonly vars: Value[];
  /** `$avp`: no value before they are set. */
  readonly avps: Avps;
  /** The arguments of the route, `$param`. */
  params: readonly Value[] = NO_PARAMS;
  /** `$msg.id`. */
  messages = 0;
  /** setflag(). */
  readonly flags = new Set<string>();
  /** `$json` by name. */
  readonly documents = new Map<string, unknown>();
  /** Parsed parts of the message that are requested repeatedly. */
  read: ReadOnce | null = null;
  readonly patterns = new PatternCache();
  /** For search() and similar. */
  readonly linePatterns = new PatternCache({ isOfLines: true });
  private readonly targets = new RelayTargets();

  constructor(
    vars: number,
    /** Names of the `$avp` that the script has. */
    avps: readonly string[],
    /** The script has $avp, flags or $json, which end with the message, or counts messages. */
    private readonly hasState: boolean,
    private readonly maxWork = MAX_WORK,
    private readonly maxText = MAX_TEXT,
  ) {
    this.vars = new Array<Value>(vars).fill(0);
    this.avps = new Avps(avps);
  }

  begin(context: RouteContext): void {
    this.goOn(context);
    this.work = 0;
    this.code = 1;
    this.target = '';
    this.requestUri = '';
    this.read = null;
    if (this.hasState) this.clearState();
  }

  private clearState(): void {
    this.messages++;
    this.avps.clear();
    if (this.flags.size > 0) this.flags.clear();
    if (this.documents.size > 0) this.documents.clear();
  }

  /** Starts the second route of the same message: what the first one set is kept. */
  goOn(context: RouteContext): void {
    this.context = context;
    this.signal = NEXT;
    this.depth = 0;
    this.callers.length = 0;
    this.params = NO_PARAMS;
    this.results = NO_PARAMS;
  }

  /** One more iteration of a loop or call of a route; false if the message has exceeded its limit. */
  mayWork(): boolean {
    return this.work++ < this.maxWork;
  }

  /** False, and logged, if the resulting text is too long. */
  fits({ length }: string, spot: string): boolean {
    this.work += length >> 10;
    if (length <= this.maxText) return true;
    this.context.failed(spot, `text of ${length} characters: a script makes no text longer than ${this.maxText}`);
    return false;
  }

  /** False, and logged, if a pattern would have to search more text than the limit of the message. */
  maySearch({ length }: string, spot: string): boolean {
    this.work += length >> 6;
    if (this.work <= this.maxWork) return true;
    this.context.failed(spot, TOO_MUCH_WORK);
    return false;
  }

  endpoint(text: string): HepEndpoint | string {
    return this.targets.get(text);
  }
}
