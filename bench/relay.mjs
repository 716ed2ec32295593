/** Relaying UDP to UDP at a pace: what arrives, and CPU per packet, beside a bare receive-and-send loop in Node. */
import { fileURLToPath } from 'node:url';
import { blast, cpuSeconds, sink, startProgram } from './load.mjs';
import { line, median } from './measure.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const RATE = Number(process.env.SIPCAP_BENCH_RATE ?? 60_000);
const SECONDS = 10;
const ROUNDS = 3;
const IN = 29_410;
const OUT = 29_411;

export async function run() {
  const results = { bare: [], ours: [] };
  const works = {
    bare: [here('bare-relay.mjs'), String(IN), String(OUT)],
    ours: [here('../bin/run.js'), 'hep', 'relay', '--from', `hep_udp:127.0.0.1:${IN}`, '--to', `hep_udp:127.0.0.1:${OUT}`],
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, args] of Object.entries(works)) {
      const program = await startProgram(args);
      // Warm: compilers of Node do their work in the first packets.
      await blast(IN, 5000, 1, ['-S', '9000000']);
      const counted = sink(OUT);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const before = cpuSeconds(program.child.pid);
      const sent = await blast(IN, RATE, SECONDS);
      const { uniq } = await counted;
      results[name].push({ lost: sent - uniq, cpu: ((cpuSeconds(program.child.pid) - before) / sent) * 100_000, sent });
      program.child.kill('SIGTERM');
      await program.ended;
    }
  }
  const cpu = (name) => median(results[name].map((result) => result.cpu));
  const lost = (name) => median(results[name].map((result) => result.lost));
  line(`bare loop, ${RATE.toLocaleString('en-US')} packets/s for ${SECONDS} s`, `${lost('bare')} of ${results.bare[0].sent} lost, ${cpu('bare').toFixed(2)} s CPU per 100,000`);
  line('sipcap hep relay, UDP to UDP', `${lost('ours')} of ${results.ours[0].sent} lost, ${cpu('ours').toFixed(2)} s CPU per 100,000 (target: none lost at 60,000/s, 1.4 s), ${(cpu('ours') / cpu('bare')).toFixed(2)} times the bare loop`);
}
