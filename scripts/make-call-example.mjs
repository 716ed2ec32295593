// Makes docs/examples/call.html, the ladder of a call of the sample, as `call show --format html` prints it. Needs the build.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const page = execFileSync(
  process.execPath,
  ['bin/run.js', 'call', 'show', 'c1f0@192.0.2.10', '-r', 'samples/sample.pcap', '--format', 'html'],
  {
    env: { ...process.env, TZ: 'UTC', SIPCAP_DB: '' },
  },
);
writeFileSync('docs/examples/call.html', page);
