/** The cost of a script: a route that sets one chunk and relays, against relaying without one, a larger script, and a pattern. */
import { silentLog, systemClock } from '../dist/lib/base/index.js';
import { Diagnostics, Source, parseRoutes } from '../dist/lib/route/index.js';
import { ScriptHost } from '../dist/lib/script/script-host.js';
import { routeProgram } from '../dist/lib/script/script-policy.js';
import { SipParser } from '../dist/lib/sip/index.js';
import { hepMessages } from './hep-messages.mjs';
import { compare, line } from './measure.mjs';

const ROUTES = {
  relay: '$du = "sip:127.0.0.1"; hep_relay();',
  'set and relay': 'hep_set("captagent_id", "7"); $du = "sip:127.0.0.1"; hep_relay();',
  branches:
    'if ($HEPVERSION == 3 && $hep_net(src_ip) != "127.0.0.9") { $var(n) += 1; if ($si == 10.0.0.0/8 || $sp > 70000) exit; } $du = "sip:127.0.0.1"; hep_relay();',
  pattern: 'if ($ua =~ "friendly-scanner|sipvicious|sipcli") exit; $du = "sip:127.0.0.1"; hep_relay();',
};

export async function run() {
  const messages = hepMessages(4900);
  const sent = { bytes: 0 };
  const send = (message) => {
    sent.bytes += message.envelope.bytes.length;
    return null;
  };
  const parser = new SipParser();
  const host = new ScriptHost({
    isCaptureOn: () => true,
    store: () => null,
    relay: (_target, message) => send(message),
    parse(message) {
      message.sip = parser.parse(message.payload);
      return '';
    },
    failed() {},
    clock: systemClock,
    log: silentLog,
  });
  host.stage = 'hep';
  const works = [{ name: 'none', items: messages.length * 20, run: () => repeat(messages, send) }];
  for (const [name, text] of Object.entries(ROUTES)) {
    const program = routeProgram(
      parseRoutes(new Source('bench', text), new Diagnostics()),
      { hepRoute: 'sip', scriptVersion: '' },
      new Diagnostics(),
    );
    const route = program.route('route');
    works.push({
      name,
      items: messages.length * 20,
      run: () =>
        repeat(messages, (message) => {
          host.begin(message);
          program.run(route, host);
        }),
    });
  }
  const best = compare(works);
  for (const name of Object.keys(ROUTES)) {
    const more = best.get(name) - best.get('none');
    line(`script: ${name}`, `${more.toFixed(0)} ns a message more than none${name === 'set and relay' ? ' (target: 3000 at most)' : ''}`, {
      ns: best.get(name),
    });
  }
}

function repeat(messages, work) {
  for (let round = 0; round < 20; round++) for (const message of messages) work(message);
}
