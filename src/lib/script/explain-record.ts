/** What a script did with one message, written down while it runs: statements, values, conditions, and what came of them. */
import { escapeText } from '../hep/index.js';
import { printHead, type Place, type Script, type Source, type Statement, type Trace, type Value } from '../route/index.js';

export interface ExplainedStep {
  line: number;
  /** The statement without what stands in its blocks; of a while the condition alone, from the second turn on. */
  statement: string;
  /** Variables as they were read, by what was written; each once. */
  values: Record<string, Value>;
  /** Variables that were set. */
  set: Record<string, Value>;
  /** What the condition came to; null where there is none. */
  condition: boolean | null;
  /** Functions and their return codes, in order. */
  results: { name: string; code: number }[];
  /** Mistakes of this statement. */
  failures: string[];
  /** What xlog() logged. */
  logged: string[];
}

export class ExplainRecord implements Trace {
  /** In the order in which they ran; a route begins with a step of its own. */
  readonly steps: (ExplainedStep | { route: string })[] = [];
  private source: Source | null = null;
  private readonly heads = new Map<string, string>();
  private readonly deciders: ExplainedStep[] = [];
  private at: ExplainedStep | null = null;
  private within: Place = { from: 0, to: 0 };

  /** The script whose statements will be traced. */
  read(script: Script): void {
    this.source = script.source;
    for (const { body } of script.routes) this.walk(body);
  }

  begin(): void {
    this.steps.length = 0;
    this.deciders.length = 0;
    this.at = null;
  }

  enters(route: string): void {
    this.steps.push({ route });
    this.at = null;
  }

  statement(place: Place): void {
    this.push(place, this.heads.get(keyOf(place)) ?? this.source!.excerpt(place));
  }

  /** Of a while, from the second turn on, the condition stands alone. */
  deciding(place: Place): void {
    if (this.at === null || place.from < this.within.from || place.to > this.within.to || this.at.condition !== null)
      this.push(place, this.source!.excerpt(place));
    this.deciders.push(this.at!);
  }

  /** Routes may have run meanwhile: the step is the one that began to decide. */
  condition(_place: Place, isTrue: boolean): void {
    this.deciders.pop()!.condition = isTrue;
  }

  value(text: string, value: Value): void {
    if (this.at !== null) this.at.values[text] = value;
  }

  assigned(text: string, value: Value): void {
    if (this.at !== null) this.at.set[text] = value;
  }

  /** Of route() and async() the code comes behind all that ran in the route. */
  result(name: string, code: number): void {
    for (let i = this.steps.length - 1; i >= 0; i--) {
      const step = this.steps[i];
      if ('route' in step || !step.statement.includes(`${name}(`) || step.results.some((known) => known.name === name)) continue;
      step.results.push({ name, code });
      return;
    }
    this.at?.results.push({ name, code });
  }

  /** The step that ended the script, null where it came to its end. */
  ender(): ExplainedStep | null {
    for (let i = this.steps.length - 1; i >= 0; i--) {
      const step = this.steps[i];
      if (!('route' in step) && /^(?:exit|drop|return)\b|^async\(/.test(step.statement)) return step;
    }
    return null;
  }

  failed(reason: string): void {
    this.at?.failures.push(reason);
  }

  logged(text: string): void {
    this.at?.logged.push(text);
  }

  private push(place: Place, statement: string): void {
    this.within = place;
    this.at = {
      line: this.source!.lineColumn(place.from).line,
      statement: escapeText(statement),
      values: {},
      set: {},
      condition: null,
      results: [],
      failures: [],
      logged: [],
    };
    this.steps.push(this.at);
  }

  /** Texts of all statements by their places: a trace is told places only. */
  private walk(statement: Statement): void {
    const waiting: Statement[] = [statement];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      this.heads.set(keyOf(next.place), printHead(this.source!, next));
      switch (next.kind) {
        case 'block':
          waiting.push(...next.statements);
          break;
        case 'if':
          waiting.push(next.then, ...(next.otherwise === null ? [] : [next.otherwise]));
          break;
        case 'while':
        case 'for':
          waiting.push(next.body);
          break;
        case 'switch':
          for (const { statements } of next.cases) waiting.push(...statements);
          break;
        default:
          break;
      }
    }
  }
}

function keyOf({ from, to }: Place): string {
  return `${from} ${to}`;
}
