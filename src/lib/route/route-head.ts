/** The start of a route: the keyword alone is not enough, `route(name);` is a statement. */
import { ROUTE_KINDS, type RouteKind } from './ast.js';
import type { Cursor } from './cursor.js';

export function isRouteKind(word: string): word is RouteKind {
  return (ROUTE_KINDS as readonly string[]).includes(word);
}

/** True at `route {`, `route[name] {` and the like. */
export function beginsRoute(cursor: Cursor): boolean {
  if (!cursor.is('name') || !isRouteKind(cursor.word())) return false;
  const next = cursor.nextCharacter();
  return next === '{' || next === '[';
}
