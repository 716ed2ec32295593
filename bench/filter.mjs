/** The cost of a filter per captured message: none without a filter, else by its conditions. */
import { Ledger, silentLog, systemClock } from '../dist/lib/base/index.js';
import { MessagePreparer } from '../dist/lib/extract/prepare-message.js';
import { NO_FILTER, readFilter } from '../dist/lib/script/filter/index.js';
import { hepMessages } from './hep-messages.mjs';
import { compare, line } from './measure.mjs';

const FILTERS = {
  '--ip 127.0.0.0/24': { ip: ['127.0.0.0/24'] },
  '--from-user': { fromUser: ['493010000007'] },
  '--number': { number: ['+49 3010000007'] },
  '--status 4xx': { status: ['4xx'] },
  '--where \'$fU == "493010000007"\'': { where: '$fU == "493010000007"' },
  "--where '$fU == … && $rs >= 400'": { where: '$fU == "493010000007" && $rs >= 400' },
  '--match scanner (a word)': { match: ['scanner'] },
  '--match scan+er (a pattern)': { match: ['scan+er'] },
  '--where \'$ua =~ "^friendly"\'': { where: '$ua =~ "^friendly"' },
};

export async function run() {
  const messages = hepMessages(4900);
  const preparer = new MessagePreparer(new Ledger());
  const context = { clock: systemClock, log: silentLog, stderr: process.stderr };
  const works = [
    {
      name: 'reading SIP alone, as every message that is stored is read',
      items: messages.length,
      run: () => {
        for (const message of messages) {
          message.sip = null;
          preparer.sip(message);
        }
      },
    },
  ];
  for (const [name, options] of Object.entries(FILTERS)) {
    const filter = readFilter({ ...NO_FILTER, ...options }, context);
    works.push({
      name,
      items: messages.length,
      run: () => {
        for (const message of messages) filter.passes(message, preparer);
      },
    });
  }
  const times = compare(works);
  for (const [name, nanoseconds] of times) line(name, `${Math.round(nanoseconds)} ns a message`, { ns: nanoseconds });
}

if (process.argv[1]?.endsWith('filter.mjs')) await run();
