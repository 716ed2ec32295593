/**
 * Scripts to trees. Several errors are reported at once: after one, reading continues after the next `;` or before the next `}`.
 * Two entry points: a whole `.cfg` file, and a text that holds routes only, where bare statements are the main route.
 */
import {
  ROUTE_KINDS,
  type GlobalParameter,
  type LoadModule,
  type ModuleParameter,
  type RouteBlock,
  type RouteKind,
  type Script,
  type Statement,
} from './ast.js';
import { Cursor } from './cursor.js';
import type { Diagnostics } from './diagnostics.js';
import { DEFAULT_LIMITS, type RouteLimits } from './limits.js';
import { parseText } from './parse-expression.js';
import { parseBlock, parseStatement } from './parse-statement.js';
import { beginsRoute, isRouteKind } from './route-head.js';
import type { Source } from './source.js';
import { didYouMean } from './suggestion.js';

/** script = { parameter | loadmodule | modparam | route | ";" } */
export function parseScript(source: Source, diagnostics: Diagnostics, limits: RouteLimits = DEFAULT_LIMITS): Script {
  const cursor = new Cursor(source, diagnostics, limits);
  const parts = new ScriptParts(cursor);
  while (!cursor.atEnd()) parts.parseItem();
  return parts.script();
}

/**
 * Routes, bare statements, which are then the main route, or both: `route(x); route[x] { ... }`. Of the rest of a script,
 * only the parameters that routes depend on are used.
 */
export function parseRoutes(source: Source, diagnostics: Diagnostics, limits: RouteLimits = DEFAULT_LIMITS): Script {
  const cursor = new Cursor(source, diagnostics, limits);
  const parts = new ScriptParts(cursor);
  const statements: Statement[] = [];
  let from = 0;
  let to = 0;
  while (!cursor.atEnd()) {
    if (beginsRoute(cursor) || isOtherItem(cursor)) {
      parts.parseItem();
    } else if (cursor.is('}')) {
      cursor.unexpected('a statement', 'there is no open block to close');
      cursor.take();
    } else {
      if (statements.length === 0) from = cursor.token.from;
      statements.push(parseStatement(cursor));
      to = cursor.end;
    }
  }
  if (statements.some(({ kind }) => kind !== 'empty')) {
    const place = { from, to };
    parts.routes.unshift({
      kind: 'route',
      place,
      name: '',
      headPlace: { from, to: from },
      seconds: -1,
      body: { kind: 'block', place, statements },
    });
  }
  const script = parts.script();
  for (const { place, name } of script.parameters)
    if (!ROUTE_PARAMETERS.includes(name)) diagnostics.note(place, `${name} is ignored: only routes are read here`);
  for (const { place } of script.modules) diagnostics.note(place, 'loadmodule is ignored: only routes are read here');
  for (const { place } of script.moduleParameters) diagnostics.note(place, 'modparam is ignored: only routes are read here');
  return script;
}

/** Global parameters that change what routes mean. */
const ROUTE_PARAMETERS: readonly string[] = ['script_version', 'max_while_loops', 'alias'];

function isOtherItem(cursor: Cursor): boolean {
  return cursor.isWord('modparam') || cursor.isWord('loadmodule') || (cursor.is('name') && cursor.nextCharacter() === '=');
}

class ScriptParts {
  readonly routes: RouteBlock[] = [];
  private readonly parameters: GlobalParameter[] = [];
  private readonly modules: LoadModule[] = [];
  private readonly moduleParameters: ModuleParameter[] = [];

  constructor(private readonly cursor: Cursor) {}

  script(): Script {
    const { source } = this.cursor;
    return { source, parameters: this.parameters, modules: this.modules, moduleParameters: this.moduleParameters, routes: this.routes };
  }

  parseItem(): void {
    const { cursor } = this;
    if (cursor.skip(';')) return;
    if (!cursor.is('name')) {
      const repair = cursor.is('}') ? 'there is no open block to close' : 'statements belong in a route: route { ... }';
      cursor.unexpected('a parameter, modparam or route', repair);
      this.recover();
      return;
    }
    const word = cursor.word();
    if (isRouteKind(word)) this.parseRoute(word);
    else if (word === 'loadmodule') this.parseLoadModule();
    else if (word === 'modparam') this.parseModuleParameter();
    else this.parseParameter(word);
  }

  /** parameter = NAME "=" rest of the line */
  private parseParameter(name: string): void {
    const { cursor } = this;
    const { from, to } = cursor.take();
    if (!cursor.is('=')) {
      this.unknownItem(name, { from, to });
      return;
    }
    const valuePlace = cursor.takeLine();
    const written = cursor.source.text.slice(valuePlace.from, valuePlace.to);
    const quoted = /^(["'])(.*)\1$/s.exec(written);
    if (written === '') cursor.diagnostics.error({ from, to }, `${name} has no value`);
    this.parameters.push({
      place: { from, to: valuePlace.to },
      name,
      value: quoted === null ? written : quoted[2],
      wasQuoted: quoted !== null,
      valuePlace,
    });
  }

  private unknownItem(name: string, place: { from: number; to: number }): void {
    const { cursor } = this;
    if (name === 'include_file' || name === 'import_file') {
      cursor.diagnostics.error(place, `${name} must be alone on its line`, `write ${name} "file"`);
      if (cursor.is('string')) cursor.take();
      return;
    }
    const repair = didYouMean(name, [...ROUTE_KINDS, 'modparam', 'loadmodule', 'socket', 'listen']);
    cursor.diagnostics.error(place, `unknown parameter or statement '${name}'`, repair || 'statements belong in a route: route { ... }');
    this.recover();
  }

  /** loadmodule = "loadmodule" STRING */
  private parseLoadModule(): void {
    const { cursor } = this;
    const { from } = cursor.take();
    if (!cursor.is('string')) {
      cursor.unexpected('a string', 'write loadmodule "sipcapture.so"');
      this.recover();
      return;
    }
    const path = parseText(cursor).plain;
    const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.so$/, '');
    this.modules.push({ place: cursor.placeFrom(from), name, path });
  }

  /** modparam = "modparam" "(" STRING "," STRING "," ( STRING | [ "+" | "-" ] NUMBER ) ")" */
  private parseModuleParameter(): void {
    const { cursor } = this;
    const { from } = cursor.take();
    if (!cursor.skip('(')) return this.badModuleParameter("'('");
    if (!cursor.is('string')) return this.badModuleParameter("the module's name in quotes");
    const modules = parseText(cursor);
    if (!cursor.skip(',')) return this.badModuleParameter("','");
    if (!cursor.is('string')) return this.badModuleParameter("the parameter's name in quotes");
    const name = parseText(cursor);
    if (!cursor.skip(',')) return this.badModuleParameter("','");
    const value = this.parseModuleValue();
    if (value === null) return this.badModuleParameter('a string or a number');
    if (!cursor.expect(')')) this.recover();
    this.moduleParameters.push({
      place: cursor.placeFrom(from),
      modules: modules.plain.split('|').map((one) => one.trim()),
      modulesPlace: modules.place,
      name: name.plain,
      namePlace: name.place,
      value: value.value,
      valuePlace: value.place,
    });
  }

  private parseModuleValue(): { value: string | number; place: { from: number; to: number } } | null {
    const { cursor } = this;
    if (cursor.is('string')) {
      const text = parseText(cursor);
      return { value: text.plain, place: text.place };
    }
    const { from } = cursor.token;
    const isNegative = cursor.is('-');
    if (isNegative || cursor.is('+')) cursor.take();
    if (!cursor.is('number')) return null;
    const token = cursor.take();
    // Invalid numbers were reported by the lexer.
    const number = Number(cursor.source.text.slice(token.from, token.to)) || 0;
    return { value: isNegative ? -number : number, place: { from, to: token.to } };
  }

  private badModuleParameter(expected: string): void {
    this.cursor.unexpected(expected, 'write modparam("module", "name", value)');
    this.recover();
  }

  /** route = ROUTE_KIND [ "[" ( NAME | NUMBER | STRING ) [ "," NUMBER ] "]" ] block */
  private parseRoute(kind: RouteKind): void {
    const { cursor } = this;
    const { from } = cursor.take();
    let name = '';
    let seconds = -1;
    if (cursor.skip('[')) {
      if (cursor.is('name') || cursor.is('number')) {
        name = cursor.word();
        cursor.take();
      } else if (cursor.is('string')) name = parseText(cursor).plain;
      else cursor.unexpected("the route's name");
      if (cursor.skip(',') && cursor.is('number')) {
        seconds = Number(cursor.word());
        cursor.take();
      }
      cursor.expect(']');
      // `route[0]` is the main route by another name.
      if (name === '0' && (kind === 'route' || kind === 'onreply_route')) name = '';
    }
    const headPlace = cursor.placeFrom(from);
    if (!cursor.is('{')) {
      cursor.unexpected("'{'", `write ${kind}${name === '' ? '' : `[${name}]`} { ... }`);
      this.recover();
      return;
    }
    const body = parseBlock(cursor);
    this.routes.push({ kind, place: cursor.placeFrom(from), name, headPlace, seconds, body });
  }

  /** Continues after the next block or `;`, or at a line that begins with a name or with something known to be outside of routes. */
  private recover(): void {
    const { cursor } = this;
    while (!cursor.atEnd()) {
      if (cursor.is('{')) {
        parseBlock(cursor);
        return;
      }
      if (cursor.skip(';')) return;
      if (cursor.token.onNewLine && cursor.is('name')) {
        const word = cursor.word();
        if (
          cursor.source.text[cursor.token.from - 1] === '\n' ||
          isRouteKind(word) ||
          word === 'modparam' ||
          word === 'loadmodule' ||
          cursor.nextCharacter() === '='
        )
          return;
      }
      cursor.take();
    }
  }
}
