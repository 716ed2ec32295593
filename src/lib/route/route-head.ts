/** How a route begins: the word alone does not tell, `route(name);` is a statement. */
import { ROUTE_KINDS, type RouteKind } from './ast.js';
import type { Cursor } from './cursor.js';

export function isRouteKind(word: string): word is RouteKind {
  return (ROUTE_KINDS as readonly string[]).includes(word);
}

/** `route {`, `route[name] {` and the like stand here. */
export function beginsRoute(cursor: Cursor): boolean {
  if (!cursor.is('name') || !isRouteKind(cursor.word())) return false;
  const next = cursor.nextCharacter();
  return next === '{' || next === '[';
}
