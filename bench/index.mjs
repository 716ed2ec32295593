/**
 * The performance claims, in one run and as ratios: the same work on both sides, alternating; for each work the best
 * round counts (other load on the machine can only make it slower), for whole programs the median.
 * Usage: npm run bench [-- SECTION...]; sections: hep sip frames file import start relay route db listen processes homer7 live calls filter read media
 * clickhouse.
 * hep-js, the package that HEP decoding is compared with, is fetched into bench/.peers when needed.
 */
import { existsSync } from 'node:fs';

const SECTIONS = [
  'hep',
  'sip',
  'frames',
  'file',
  'import',
  'start',
  'relay',
  'route',
  'db',
  'listen',
  'processes',
  'homer7',
  'live',
  'calls',
  'filter',
  'read',
  'media',
  'clickhouse',
];
const wanted = process.argv.slice(2).filter((name) => SECTIONS.includes(name));
if (!existsSync(new URL('../dist/lib/service/index.js', import.meta.url))) {
  console.error('build first: npm run build');
  process.exit(2);
}
console.log(
  `node ${process.version}, ${new Date().toISOString().slice(0, 10)}; SIP of 608 bytes on average, HEPv3 of 721; ratios count, absolute figures are this machine's`,
);
for (const name of wanted.length > 0 ? wanted : SECTIONS) {
  console.log(`\n== ${name}`);
  const { run } = await import(`./${name}.mjs`);
  await run();
}
