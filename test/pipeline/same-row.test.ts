/**
 * The same message gives the same row, wherever it came from and whatever handled it: awkward messages through every source
 * and every handler, all columns compared with those of the first source. Allowed differences are declared by the source, by column.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { awkwardMessages, type AwkwardMessage } from '../rigs/awkward-messages.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { VethPair, whyNot } from '../rigs/namespaces.js';
import { Broadcast, summaryOf, type RoadHandler } from '../rigs/road-runs.js';
import { FILE_SOURCES, HANDLERS, LISTENER_SOURCES, LIVE_SOURCES, type RoadSource } from '../rigs/roads.js';
import { killAll, temporaryFolder, type Ended } from '../rigs/sipcap.js';

type Row = Record<string, string>;
/** By table and name: `sip_capture plain-udp`. */
type Rows = Map<string, Row>;

interface Result {
  ended: Ended;
  rows: Rows;
}

const STORED_WITHIN_MS = 20_000;
const SIP = 'sip_capture';
const REPORT = 'rtcp_capture';
const AT_ONCE = 4;
const messages = awkwardMessages();
const folder = temporaryFolder();
const noPair = whyNot();
let pair: VethPair | null = null;
/** From the first source that carries each message. */
let first: Rows;

interface Cell {
  source: RoadSource;
  handler: RoadHandler;
}

afterAll(() => {
  killAll();
  pair?.remove();
  folder.remove();
});

/** The rows that a message must give. */
function rowsOf(message: AwkwardMessage): { key: string; columns: Row }[] {
  const { name, sip, report, reportId = name } = message;
  return [
    ...(sip === undefined ? [] : [{ key: `${SIP} ${name}`, columns: sip }]),
    ...(report === undefined ? [] : [{ key: `${REPORT} ${reportId}`, columns: report }]),
  ];
}

function keysOf(source: RoadSource): string[] {
  return messages.filter((message) => source.carries(message)).flatMap((message) => rowsOf(message).map(({ key }) => key));
}

/** All columns but the id as text, alike for every database; two rows of one name are an error. */
async function readRows(database: TestDatabase): Promise<Rows> {
  const rows: Rows = new Map();
  for (const [table, name] of [
    [SIP, 'callid'],
    [REPORT, 'correlation_id'],
  ]) {
    const read = await database.query(`SELECT * FROM ${table}`).catch(() => []);
    for (const columns of read) {
      delete columns.id;
      const row = Object.fromEntries(Object.entries(columns).map(([column, value]) => [column, textOf(value)]));
      const key = `${table} ${row[name]}`;
      rows.set(rows.has(key) ? `${key} (again)` : key, row);
    }
  }
  return rows;
}

function textOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  return value instanceof Date ? value.toISOString().slice(0, 19).replace('T', ' ') : String(value);
}

let runs = 0;

async function travel(database: TestDatabase, source: RoadSource, handler: RoadHandler): Promise<Result> {
  const own = join(folder.path, `run-${runs++}`);
  mkdirSync(own);
  const carried = messages.filter((message) => source.carries(message));
  const expected = keysOf(source).length;
  const stored = async () => {
    for (const began = Date.now(); Date.now() - began < STORED_WITHIN_MS; await new Promise((done) => setTimeout(done, 150)))
      if ((await readRows(database)).size >= expected) return;
  };
  const ended = await source.run({ folder: own, db: database.url, handler, messages: carried, stored });
  return { ended, rows: await readRows(database) };
}

/** Columns whose values are not those of the first source, except what may differ. */
function differences(source: RoadSource, rows: Rows): string[] {
  const found: string[] = [];
  for (const message of messages.filter((one) => source.carries(one)))
    for (const { key } of rowsOf(message)) {
      const [row, wanted] = [rows.get(key), first.get(key)];
      if (row === undefined || wanted === undefined) continue;
      const allowed = source.differs(message);
      const must = { ...wanted, ...(key.startsWith(SIP) ? source.gives?.(message) : {}) };
      for (const column of new Set([...Object.keys(row), ...Object.keys(must)]))
        if (row[column] !== must[column] && !(column in allowed))
          found.push(`${key}: ${column} is ${JSON.stringify(row[column])}, expected ${JSON.stringify(must[column])}`);
    }
  return found;
}

function expectClean(source: RoadSource, { ended, rows }: Result): void {
  expect({ code: ended.code, keys: [...rows.keys()].sort() }).toEqual({ code: 0, keys: keysOf(source).sort() });
  expect(summaryOf(ended).accounting_errors).toEqual([]);
}

/** Each source with each handler. */
const cells: readonly Cell[] = [...FILE_SOURCES, ...LISTENER_SOURCES].flatMap((source) =>
  HANDLERS.filter((handler) => source.handles(handler)).map((handler) => ({ source, handler })),
);

function liveCells(): Cell[][] {
  if (noPair !== '') return [];
  const made = (pair ??= new VethPair());
  // Half of the handlers at a time: each capture is two processes.
  return [HANDLERS.slice(0, 2), HANDLERS.slice(2)].map((handlers) => {
    const broadcast = new Broadcast(made, messages, handlers.length * LIVE_SOURCES.length);
    return LIVE_SOURCES.flatMap((live) => handlers.map((handler) => ({ source: live(broadcast), handler })));
  });
}

const nameOf = ({ source, handler }: Cell) => `${source.name}, ${handler.name}`;

describe.each(databaseMakers())('$kind', (maker) => {
  /** Results, or why there is none, by the names of source and handler. */
  const results = new Map<string, Result | Error>();

  async function run(cell: Cell): Promise<void> {
    const database = await maker.make();
    try {
      results.set(nameOf(cell), await travel(database, cell.source, cell.handler));
    } catch (error) {
      results.set(nameOf(cell), error as Error);
    } finally {
      await database.drop();
    }
  }

  const isLive = maker.kind === 'sqlite' && noPair === '';
  const live = isLive ? liveCells() : [];

  function resultOf(cell: Cell): Result {
    const result = results.get(nameOf(cell))!;
    if (result instanceof Error) throw result;
    return result;
  }

  beforeAll(async () => {
    const queue = [...cells];
    const work = async () => {
      for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) await run(cell);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    for (const together of live) await Promise.all(together.map(run));
  }, 240_000);

  if (maker.kind === 'sqlite')
    test('the first sources give the expected rows', () => {
      first = new Map();
      for (const cell of cells.filter(({ handler }) => handler === HANDLERS[0]).slice(0, 2))
        for (const [key, row] of resultOf(cell).rows) if (!first.has(key)) first.set(key, row);
      for (const message of messages)
        for (const { key, columns } of rowsOf(message)) expect([key, first.get(key)]).toEqual([key, expect.objectContaining(columns)]);
    });

  test.each([...cells, ...live.flat()].map((cell) => [nameOf(cell), cell] as const))('%s', (_, cell) => {
    const result = resultOf(cell);
    expectClean(cell.source, result);
    expect(differences(cell.source, result.rows)).toEqual([]);
  });

  if (maker.kind === 'sqlite' && !isLive) test.skip(`on an interface: ${noPair}`, () => {});
});
