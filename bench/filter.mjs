/** What a filter costs a message that was captured: nothing where there is none, and of what it asks for. */
import { AddressTextCache, Ledger, silentLog, systemClock } from '../dist/lib/base/index.js';
import { MessagePreparer } from '../dist/lib/extract/prepare-message.js';
import { HepDecoder } from '../dist/lib/hep/index.js';
import { NO_FILTER, readFilter } from '../dist/lib/script/filter/index.js';
import { hep3, sipMessages } from './corpus.mjs';
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
  const peer = { peerAddress: '127.0.0.1', peerPort: 9060, localAddress: '127.0.0.1', localPort: 9060, transport: 'udp' };
  const decoder = new HepDecoder({ addressTexts: new AddressTextCache() });
  const messages = sipMessages(4900).map((sip) => {
    const packet = hep3(sip);
    return decoder.decode(packet, 0, packet.length, 1.8e15, peer);
  });
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
  for (const [name, nanoseconds] of times) line(name, `${Math.round(nanoseconds)} ns a message`);
}

if (process.argv[1]?.endsWith('filter.mjs')) await run();
