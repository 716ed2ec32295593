/** Relaying UDP to UDP at a given rate, and TCP to TCP at full speed: delivery and CPU per packet, against a bare loop in Node. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { hep3, sipMessages } from './corpus.mjs';
import { WARM_UP_FROM, blast, cpuSeconds, residentMegabytes, sink, startProgram } from './load.mjs';
import { line, median, roundsOf } from './measure.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const RATES = (process.env.SIPCAP_BENCH_RATE ?? '60000,100000').split(',').map(Number);
const SECONDS = 10;
const ROUNDS = roundsOf(3);
const IN = 29_410;
const OUT = 29_411;

export async function run() {
  for (const rate of RATES) await datagrams(rate);
  await streams();
}

async function datagrams(rate) {
  const results = { bare: [], ours: [] };
  const works = {
    bare: [here('bare-relay.mjs'), String(IN), String(OUT)],
    ours: [here('../bin/run.js'), 'hep', 'relay', '--from', `hep_udp:127.0.0.1:${IN}`, '--to', `hep_udp:127.0.0.1:${OUT}`],
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, args] of Object.entries(works)) {
      const program = await startProgram(args);
      // Warm-up: Node's JIT compiles during the first packets.
      await blast(IN, 5000, 1, ['-S', String(WARM_UP_FROM)]);
      const counted = sink(OUT);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const before = cpuSeconds(program.child.pid);
      const sent = await blast(IN, rate, SECONDS);
      const { uniq } = await counted;
      const memory = residentMegabytes(program.child.pid);
      results[name].push({ lost: sent - uniq, memory, cpu: ((cpuSeconds(program.child.pid) - before) / sent) * 100_000, sent });
      program.child.kill('SIGTERM');
      await program.ended;
    }
  }
  const cpu = (name) => median(results[name].map((result) => result.cpu));
  const lost = (name) => median(results[name].map((result) => result.lost));
  const memory = median(results.ours.map((result) => result.memory));
  line(
    `bare loop, ${rate.toLocaleString('en-US')} packets/s for ${SECONDS} s`,
    `${lost('bare')} of ${results.bare[0].sent} lost, ${cpu('bare').toFixed(2)} s CPU per 100,000`,
  );
  line(
    `sipcap hep relay, UDP to UDP, ${rate.toLocaleString('en-US')}/s`,
    `${lost('ours')} of ${results.ours[0].sent} lost, ${cpu('ours').toFixed(2)} s CPU per 100,000 (target: none lost at 60,000/s, 1.4 s), ${(cpu('ours') / cpu('bare')).toFixed(2)} times the bare loop, ${memory.toFixed(0)} MB (target: 100 MB)`,
    { 's CPU': cpu('ours'), MB: memory },
  );
}

const PACKETS = 600_000;

/** TCP to TCP: the sender is as fast as the relay accepts. */
async function streams() {
  const bytes = Buffer.concat(sipMessages(1000).map(hep3)).length * (PACKETS / 1000);
  const found = { bare: [], ours: [] };
  const works = {
    bare: [here('bare-tcp-relay.mjs'), String(IN), String(OUT)],
    ours: [here('../bin/run.js'), 'hep', 'relay', '--from', `hep_tcp:127.0.0.1:${IN}`, '--to', `hep_tcp:127.0.0.1:${OUT}`],
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, args] of Object.entries(works)) {
      const counted = await startProgram([here('tcp-sink.mjs'), String(OUT), String(bytes)], 1, true);
      const program = await startProgram(args);
      await new Promise((resolve) => setTimeout(resolve, 500));
      const before = cpuSeconds(program.child.pid);
      const source = spawn(process.execPath, [here('tcp-source.mjs'), String(IN), String(PACKETS)], { stdio: 'ignore' });
      const { seconds } = JSON.parse(await counted.shown);
      found[name].push({ rate: PACKETS / seconds, cpu: ((cpuSeconds(program.child.pid) - before) / PACKETS) * 100_000 });
      source.kill();
      program.child.kill('SIGTERM');
      await program.ended;
    }
  }
  const middle = (name, what) => median(found[name].map((result) => result[what]));
  line(
    'bare loop, TCP to TCP',
    `${Math.round(middle('bare', 'rate')).toLocaleString('en-US')} packets/s, ${middle('bare', 'cpu').toFixed(2)} s CPU per 100,000`,
  );
  line(
    'sipcap hep relay, TCP to TCP',
    `${Math.round(middle('ours', 'rate')).toLocaleString('en-US')} packets/s (target: 150,000), ${middle('ours', 'cpu').toFixed(2)} s CPU per 100,000`,
    { 'packets/s': middle('ours', 'rate'), 's CPU': middle('ours', 'cpu') },
  );
}
