/** What a script did with one message, recorded while it runs: statements, values, conditions, and results. */
import { escapeText } from '../hep/index.js';
import { printHead, type Place, type Script, type Source, type Statement, type Trace, type Value } from '../route/index.js';

export interface ExplainedStep {
  line: number;
  /** The statement without the contents of its blocks; for a while only the condition, from the second iteration on. */
  statement: string;
  /** Values of variables read, by their text in the script; each once. */
  values: Record<string, Value>;
  /** Variables that were set. */
  set: Record<string, Value>;
  /** The result of the condition; null if there is none. */
  condition: boolean | null;
  /** Functions and their return codes, in order. */
  results: { name: string; code: number }[];
  /** Errors of this statement. */
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

  /** Of a while, from the second iteration on, only the condition is shown. */
  deciding(place: Place): void {
    if (this.at === null || place.from < this.within.from || place.to > this.within.to || this.at.condition !== null)
      this.push(place, this.source!.excerpt(place));
    this.deciders.push(this.at!);
  }

  /** Routes may have run meanwhile: the step is the one that started the evaluation. */
  condition(_place: Place, isTrue: boolean): void {
    this.deciders.pop()!.condition = isTrue;
  }

  value(text: string, value: Value): void {
    if (this.at !== null) this.at.values[text] = value;
  }

  assigned(text: string, value: Value): void {
    if (this.at !== null) this.at.set[text] = value;
  }

  /** The code of route() and async() follows everything that ran in the route. */
  result(name: string, code: number): void {
    for (let i = this.steps.length - 1; i >= 0; i--) {
      const step = this.steps[i];
      if ('route' in step || !step.statement.includes(`${name}(`) || step.results.some((known) => known.name === name)) continue;
      step.results.push({ name, code });
      return;
    }
    this.at?.results.push({ name, code });
  }

  /** The step that ended the script, null if it reached its end. */
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

  /** Texts of all statements by their positions: a trace receives only positions. */
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
