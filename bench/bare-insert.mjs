/** The floor that an import is held against: ready-made rows, prepared statements of 100 rows, 1000 rows a transaction. */
import sqlite3 from 'sqlite3';
import { readFileSync } from 'node:fs';
import { AddressBook, Counters } from '../dist/lib/base/index.js';
import { HepDecoder } from '../dist/lib/hep/index.js';
import { DateText, NodeText, SIP_CAPTURE_COLUMNS, SipParser, sipCaptureRow } from '../dist/lib/sip/index.js';
import { hep3, sipMessages } from './corpus.mjs';

const [path, countText] = process.argv.slice(2);
const count = Number(countText);
const ROWS = 100;
const TRANSACTION = 1000;

const values = [];
const decoder = new HepDecoder({ addressBook: new AddressBook() });
const parser = new SipParser();
const context = { captureNode: 'homer01', customField1: '', customField2: '', customField3: '', cuts: new Counters(), dates: new DateText(), nodes: new NodeText() };
sipMessages(count).forEach((sip, i) => {
  const message = decoder.decode(hep3(sip, i), 0, sip.length + 113, 1.8e15, {});
  message.sip = parser.parse(message.payload);
  sipCaptureRow(message, context, values);
});

const definition = readFileSync(new URL('../sql/sqlite/sip_capture.sql', import.meta.url), 'utf8').replaceAll(/"?\{(?:table|name)\}/g, (whole) => `${whole.startsWith('"') ? '"' : ''}sip_capture`).replaceAll('{partitioning}', '');
const database = new sqlite3.Database(path);
const done = (call) => new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
await done((callback) => database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; ${definition}`, callback));
const width = SIP_CAPTURE_COLUMNS.length;
const one = `(${new Array(width).fill('?').join(',')})`;
const statement = database.prepare(`INSERT INTO sip_capture (${SIP_CAPTURE_COLUMNS.map(({ name }) => name).join(',')}) VALUES ${new Array(ROWS).fill(one).join(',')}`);
const began = process.hrtime.bigint();
for (let row = 0; row < count; row += TRANSACTION) {
  await done((callback) => database.exec('BEGIN', callback));
  for (let at = row; at < row + TRANSACTION; at += ROWS) await done((callback) => statement.run(values.slice(at * width, (at + ROWS) * width), callback));
  await done((callback) => database.exec('COMMIT', callback));
}
statement.finalize();
await done((callback) => database.close(callback));
console.log(count / (Number(process.hrtime.bigint() - began) / 1e9));
