/**
 * The baseline of an import: ready-made rows by the fastest method of the same client, or one INSERT per row.
 * Arguments: database URL, table, rows, `bulk` or `single`, `indexes` or `bare`, and rows a second (as fast as it can without).
 * No rows: only makes the table.
 */
import { once } from 'node:events';
import { engineOf, parseDatabaseUrl, tableDefinition } from '../dist/lib/store/index.js';
import { SIP_CAPTURE_COLUMNS } from '../dist/lib/row/index.js';
import { readyRows } from './ready-rows.mjs';

const [url, table, countText, how, keys, pace = '0'] = process.argv.slice(2);
const count = Number(countText);
const { kind } = parseDatabaseUrl(url);
const names = SIP_CAPTURE_COLUMNS.map(({ name }) => name);
const width = names.length;
const ROWS = 100;
const TRANSACTION = 1000;

const all = await tableDefinition(engineOf(kind).dialect, 'sip_capture', table);
const definition =
  keys === 'indexes'
    ? all
    : all
        .replace(/^CREATE INDEX.*\n?/gm, '')
        .replace(/^\s+KEY .*\n/gm, '')
        .replace(/,(\s*\n\) ENGINE)/, '$1');
const statements = definition
  .replace(/^--.*\n?/gm, '')
  .split(/;\s*(?:\n|$)/)
  .filter((text) => text.trim() !== '');
const values = readyRows(count);
const one = `(${new Array(width).fill('?').join(',')})`;
const insert = (rows) => `INSERT INTO ${table} (${names.join(',')}) VALUES ${new Array(rows).fill(one).join(',')}`;
const rowsFrom = (at, rows) => values.slice(at * width, (at + rows) * width);
/** The table as our own writers see it, and all rows for them. */
const targetOf = async (found) => {
  const { makeTarget } = await import('../dist/lib/store/sql/target.js');
  return [makeTarget(table, names, found, {}, 'none'), { table, columns: names, values, count }];
};

const databases = {
  async sqlite() {
    const { default: sqlite3 } = await import('sqlite3');
    const database = new sqlite3.Database(url.replace(/^sqlite:/, ''));
    const done = (call) => new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
    const run = (sql) => done((callback) => database.exec(sql, callback));
    await run('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536');
    const rows = how === 'bulk' ? ROWS : 1;
    let statement = null;
    return {
      run,
      async write(from, to) {
        statement ??= database.prepare(insert(rows));
        if (how === 'bulk') await run('BEGIN');
        for (let at = from; at < to; at += rows) await done((callback) => statement.run(rowsFrom(at, rows), callback));
        if (how === 'bulk') await run('COMMIT');
      },
      async end() {
        statement?.finalize();
        await done((callback) => database.close(callback));
      },
    };
  },
  /** MariaDB's bulk protocol where the server has it, its packets prepared in advance; else prepared statements. */
  async mysql() {
    const { default: mysql } = await import('mysql2');
    const { BulkProtocol, sendCommand } = await import('../dist/lib/store/mysql/bulk-protocol.js');
    const plain = mysql.createConnection({ uri: url, timezone: 'Z', dateStrings: true });
    const protocol = new BulkProtocol(plain);
    const connection = plain.promise();
    const rows = how === 'bulk' ? ROWS : 1;
    const packets = [];
    /** The table exists by then. */
    const prepare = async () => {
      const { RowPacket } = await import('../dist/lib/store/mysql/row-packet.js');
      const { MYSQL_COLUMNS, mysqlColumn } = await import('../dist/lib/store/mysql/columns.js');
      const { Counters } = await import('../dist/lib/base/index.js');
      const [found] = await connection.query(MYSQL_COLUMNS, [null, table]);
      const [target, all] = await targetOf(found.map(mysqlColumn));
      const sql = `INSERT INTO ${table} (${target.names.join(',')}) VALUES (${target.names.map(() => '?').join(',')})`;
      const { id } = await new Promise((resolve, reject) => plain.prepare(sql, (error, info) => (error ? reject(error) : resolve(info))));
      const packet = new RowPacket();
      for (let from = 0; from < count; from += TRANSACTION)
        packets.push(Buffer.from(packet.bulk(id, target, all, from, Math.min(from + TRANSACTION, count), new Counters())));
    };
    return {
      run: (sql) => connection.query(sql),
      prepare: async () => (how === 'bulk' && protocol.agreed ? prepare() : undefined),
      async write(from, to) {
        if (how === 'bulk') await connection.query('START TRANSACTION');
        if (packets.length > 0) await sendCommand(plain, packets[from / TRANSACTION]);
        else for (let at = from; at < to; at += rows) await connection.execute(insert(rows), rowsFrom(at, rows));
        if (how === 'bulk') await connection.query('COMMIT');
      },
      end: () => connection.end(),
    };
  },
  async postgresql() {
    const { default: pg } = await import('pg');
    const { from: copyFrom } = await import('pg-copy-streams');
    const client = new pg.Client(url);
    await client.connect();
    let place = 0;
    const numbered = insert(1).replace(/\?/g, () => `$${++place}`);
    const copied = [];
    let sql = '';
    /** COPY in the binary format, prepared in advance: only client and server are measured. */
    const prepare = async () => {
      const { CopyBinary } = await import('../dist/lib/store/postgresql/copy-binary.js');
      const { CopyRows } = await import('../dist/lib/store/postgresql/copy-rows.js');
      const { POSTGRESQL_COLUMNS, postgresqlColumn } = await import('../dist/lib/store/postgresql/columns.js');
      const { Counters } = await import('../dist/lib/base/index.js');
      const { rows: found } = await client.query(POSTGRESQL_COLUMNS.replace('?', '$1'), [table]);
      const [target, all] = await targetOf(found.map((column) => postgresqlColumn(column, 0x10ffff)));
      for (let from = 0; from < count; from += TRANSACTION) {
        const rows = new CopyRows(target, all, from, Math.min(from + TRANSACTION, count), new Counters(), new CopyBinary());
        const pieces = [];
        while (!rows.done) pieces.push(rows.next(false));
        copied.push(Buffer.concat(pieces));
        ({ sql } = rows);
      }
    };
    return {
      run: (sql) => client.query(sql),
      prepare: async () => (how === 'bulk' ? prepare() : undefined),
      async write(from, to) {
        if (how === 'single') {
          for (let at = from; at < to; at++) await client.query({ name: 'one', text: numbered, values: rowsFrom(at, 1) });
          return;
        }
        const stream = client.query(copyFrom(sql));
        stream.end(copied[from / TRANSACTION]);
        await once(stream, 'finish');
      },
      end: () => client.end(),
    };
  },
};

const database = await databases[kind]();
await database.run(`DROP TABLE IF EXISTS ${table}`);
for (const statement of statements) await database.run(statement);
await database.prepare?.();
const began = process.hrtime.bigint();
const cpu = process.cpuUsage();
for (let row = 0; row < count; row += TRANSACTION) {
  const due = Number(pace) > 0 ? (row / Number(pace)) * 1000 - Number(process.hrtime.bigint() - began) / 1e6 : 0;
  if (due > 1) await new Promise((resolve) => setTimeout(resolve, due));
  await database.write(row, Math.min(row + TRANSACTION, count));
}
const seconds = Number(process.hrtime.bigint() - began) / 1e9;
const { user, system } = process.cpuUsage(cpu);
await database.end();
console.log(JSON.stringify({ rate: count / seconds, cpu: (user + system) / 1e6 }));
