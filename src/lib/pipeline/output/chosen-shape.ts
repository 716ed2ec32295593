/**
 * The set of tables of a database output: as chosen by flag or URL, else those that the database has; and what contradicts the
 * choice.
 */
import { UsageError, didYouMean, type Log } from '../../base/index.js';
import { fixedProblem, HOMER7_TABLES, SHAPES, shapeEngine, type ShapeName } from '../../row/index.js';
import { engineOf, foundShape, type DatabaseUrl, type PartitionBy, type Store } from '../../store/index.js';
import type { RowOptions } from './row-options.js';

/** The default names: anything else was chosen. */
const TABLE = 'sip_capture';
const REPORT_TABLE = 'rtcp_capture';

const HOMER7_ENGINE = shapeEngine('homer7');

type Chosen = Pick<RowOptions, 'shape' | 'table' | 'reportTable' | 'localDate'> & { partition: PartitionBy };

/** '' if the database decides. Throws if it cannot be combined with the engine or with other options. */
export function chosenShape(options: Chosen, url: DatabaseUrl): ShapeName | '' {
  const shape = options.shape === '' ? shapeOfUrl(url) : options.shape;
  const isNamed = options.table !== TABLE || options.reportTable !== REPORT_TABLE;
  if (shape === '') return isNamed ? 'sipcapture' : '';
  const engine = shapeEngine(shape);
  if (engine !== null && engine !== url.kind)
    throw new UsageError(`the tables of ${shape} are ${engineOf(engine).title}'s: ${url.shown} is ${engineOf(url.kind).title}`);
  const problem = fixedProblem(shape, { isNamed, isPartitioned: options.partition !== 'none', isLocal: options.localDate });
  if (problem !== '') throw new UsageError(problem);
  return shape;
}

/** As for `shapeFor`; all tables of Homer 7 are created at once: its pages read them together. */
export async function preparedShape(options: Chosen, url: DatabaseUrl, store: Store): Promise<ShapeName> {
  const shape = await shapeFor(options, url, store);
  if (shape === 'homer7') for (const { name } of HOMER7_TABLES) if (!(await store.hasTable(name))) await store.makeTable('homer7', name);
  return shape;
}

/** As chosen, else what the open database has. */
export async function shapeFor(options: Chosen, url: DatabaseUrl, store: Store): Promise<ShapeName> {
  const shape = chosenShape(options, url);
  if (shape !== '') return shape;
  if (url.kind !== HOMER7_ENGINE) return 'sipcapture';
  const found = await foundShape(store);
  const problem = fixedProblem(found, { isNamed: false, isPartitioned: options.partition !== 'none', isLocal: options.localDate });
  if (problem !== '') throw new UsageError(`${problem}, or choose other tables with --shape (${url.shown} has those of Homer)`);
  return found;
}

/** Whether its tables may be those of Homer 7. */
export function mayBeHomer7(options: Chosen, url: DatabaseUrl): boolean {
  return url.kind === HOMER7_ENGINE && ['', 'homer7'].includes(chosenShape(options, url));
}

/** Rows must be made before the database can be asked. */
export function warnUnknownShape(options: Chosen, url: DatabaseUrl, log: Log): void {
  if (url.kind === HOMER7_ENGINE && chosenShape(options, url) === '')
    log.warn('the tables of an unreachable database cannot be determined: storing for sipcapture; specify others with --shape');
}

/** '' if it names none. */
export function shapeOfUrl({ parameters: { shape = '' }, shown }: DatabaseUrl): ShapeName | '' {
  const found = SHAPES.find((each) => each === shape);
  if (found !== undefined || shape === '') return found ?? '';
  const expected = `expected ${SHAPES.slice(0, -1).join(', ')} or ${SHAPES[SHAPES.length - 1]}`;
  throw new UsageError(`invalid shape '${shape}' in database URL '${shown}': ${didYouMean(shape, SHAPES) || expected}`);
}
