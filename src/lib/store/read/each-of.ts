/** Several questions to a database: at once where its connection answers several, else one after the other. */
import type { Session } from '../sql/session.js';

export async function eachOf<T, R>({ isConcurrent = false }: Session, items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  if (isConcurrent) return Promise.all(items.map(ask));
  const answers: R[] = [];
  for (const item of items) answers.push(await ask(item));
  return answers;
}
