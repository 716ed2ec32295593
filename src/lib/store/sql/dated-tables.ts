/** The tables that a name refers to: with a strftime suffix (`rtcp_capture_%Y%m%d`) all possible ones, whoever created them. */
import type { Session } from './session.js';
import { shapeOf, type TableShape } from './shape-of.js';

/** Empty if there is none. */
export async function tablesNamed(session: Session, asked: string, shapes: readonly TableShape[]): Promise<string[]> {
  if (!asked.includes('%')) {
    const table = await session.tableNamed(asked);
    return (await session.columns(table)).length > 0 ? [table] : [];
  }
  const pattern = patternOf(asked);
  const tables: string[] = [];
  for (const { name } of await session.all(session.dialect.listTables, [])) {
    const table = String(name);
    if (!pattern.test(table)) continue;
    const columns = (await session.columns(table)).map((column) => column.name.toLowerCase());
    if (columns.length > 0 && shapes.includes(shapeOf(columns))) tables.push(table);
  }
  return tables;
}

/**
 * Conversions to names of days, months and AM/PM give letters, all others digits. Adjacent ones are
 * merged, so that matching takes linear time.
 */
function patternOf(asked: string): RegExp {
  const parts = asked.split(/(%[A-Za-z])/).map((part) => {
    if (/^%[aAbBhpPZ]$/.test(part)) return '[A-Za-z]+';
    return /^%[A-Za-z]$/.test(part) ? '[0-9]+' : part.replace(/[^A-Za-z0-9_]/g, '\\$&');
  });
  const text = parts.join('').replace(/(?:\[0-9\]\+){2,}|(?:\[A-Za-z\]\+){2,}/g, (several) => {
    const one = several.slice(0, several.indexOf('+'));
    return `${one}{${several.length / (one.length + 1)},}`;
  });
  return new RegExp(`^${text}$`, 'i');
}
