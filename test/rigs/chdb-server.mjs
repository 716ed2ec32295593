/**
 * The engine of current ClickHouse, npm's chdb, behind the part of ClickHouse's HTTP interface that sipcap uses: queries, inserts of a
 * body, settings (unknown ones are refused as by a server), errors with their number. Usage: chdb-server.mjs FOLDER; prints its port.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
const { Session } = createRequire(join(folder, 'package.json'))('chdb');
const session = new Session(join(folder, 'data'));
session.query('CREATE DATABASE IF NOT EXISTS sipcap');
session.query('USE sipcap');
/** Of the HTTP interface, not of queries. */
const OWN = new Set(['query', 'query_id', 'database', 'wait_end_of_query', 'session_id']);
const known = new Set(session.query('SELECT name FROM system.settings', 'TSV').trim().split('\n'));
let last = Promise.resolve();
let bodies = 0;

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    // One at a time, as they came.
    last = last.then(() => answer(new URL(request.url, 'http://localhost').searchParams, Buffer.concat(chunks), response));
  });
}).listen(0, '127.0.0.1', function () {
  process.stdout.write(`${this.address().port}\n`);
});

async function answer(parameters, body, response) {
  const file = join(folder, `body-${bodies++}`);
  try {
    const unknown = [...parameters.keys()].find((name) => !OWN.has(name) && !known.has(name));
    if (unknown !== undefined) throw new Error(`Code: 115. DB::Exception: Setting ${unknown} is neither a builtin setting nor a prefix.`);
    const query = parameters.get('query');
    if (query === null) {
      const result = await session.queryAsync(body.toString('utf8'), { format: 'TabSeparated' });
      response.end(Buffer.from(result.bytes()));
      return;
    }
    writeFileSync(file, body);
    const insert = query.replace(/ FORMAT (\w+)\s*$/, (_, format) => ` FROM INFILE '${file}' FORMAT ${format}`);
    await session.queryAsync(insert, {});
    response.end();
  } catch (error) {
    const text = String(error.message).replace(/^Query failed: /, '');
    response.writeHead(500, { 'X-ClickHouse-Exception-Code': /Code: (\d+)/.exec(text)?.[1] ?? '0' });
    response.end(text);
  } finally {
    rmSync(file, { force: true });
  }
}
