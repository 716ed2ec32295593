/** Completion in the shells themselves: bash, zsh in a pseudo-terminal, fish. Where one is not installed its tests are skipped. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { root, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const has = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;
const withZsh = has('zsh') ? test : test.skip;
const withFish = has('fish') ? test : test.skip;

beforeAll(() => {
  mkdirSync(join(folder.path, 'traces'));
  writeFileSync(join(folder.path, 'only.pcap'), '');
});

afterAll(() => folder.remove());

/** What is typed, and every word that may stand in place of its last one. */
const CASES: [string, string[]][] = [
  ['cap', ['capture']],
  ['capture mir', ['mirror']],
  ['help exit', ['exit-codes']],
  ['capture mirror --rea', ['--read']],
  ['capture mirror only.pcap --promis', ['--promiscuous']],
  ['capture mirror --format j', ['json']],
  ['capture mirror --format ', ['json', 'none', 'text']],
  ['capture mirror -i an', ['any']],
  ['capture mirror on', ['only.pcap']],
  ['hep relay --to hep_t', ['hep_tcp:', 'hep_tls:']],
  ['hep listen hep_u', ['hep_udp:']],
  ['hep edit only.pcap --get corr', ['correlation_id', 'correlation_map']],
  ['hep edit only.pcap --set vlan', ['vlan_id=']],
  ['call list --state end', ['ended']],
  ['mi get_', ['get_statistics']],
  ['mi which --fifo on', ['only.pcap']],
];
const ALONE = CASES.filter(([, expected]) => expected.length === 1);

describe('bash', () => {
  test.each(CASES)('%s', (line, expected) => {
    const words = ['sipcap', ...line.split(' ')].map((word) => `'${word}'`);
    const script = `source '${root}/completion/sipcap.bash'; COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _sipcap; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const out = execFileSync('bash', ['--norc', '-c', script], { cwd: folder.path, encoding: 'utf8' });
    expect(out.trim().split('\n').sort()).toEqual(expected);
  });

  test('a value after an equals sign', () => {
    const script = `source '${root}/completion/sipcap.bash'; COMP_WORDS=(sipcap capture mirror --format = t); COMP_CWORD=5; _sipcap; echo "\${COMPREPLY[@]}"`;
    expect(execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' })).toBe('text\n');
  });
});

describe('fish', () => {
  withFish(
    'all lines',
    () => {
      const lines = CASES.map(([line]) => `'sipcap ${line}'`).join(' ');
      const script = `source '${root}/completion/sipcap.fish'; for l in ${lines}; echo (complete -C $l | string replace -r '\\t.*' '' | sort); end; complete -C 'sipcap capture mirror --format=t'`;
      const out = execFileSync('fish', ['--no-config', '-c', script], {
        cwd: folder.path,
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C' },
      });
      expect(out.trim().split('\n')).toEqual([...CASES.map(([, expected]) => expected.join(' ')), '--format=text']);
    },
    60_000,
  );
});

describe('zsh', () => {
  withZsh(
    'what has one completion is completed on the line',
    () => {
      // The line is typed into an interactive zsh; ^X prints what became of it.
      const script = `
zmodload zsh/zpty
zpty z zsh -f -i
type() { zpty -w z "$1"; }
type "PS1=; cd '${folder.path}'; fpath=('${root}/completion' \\$fpath); autoload -U compinit; compinit -u -D"
type 'show() { print -r -- "LINE<$BUFFER>"; BUFFER=; zle reset-prompt }; zle -N show; bindkey "^X" show; bindkey "^I" complete-word; print RE""ADY'
while zpty -r z out; do [[ $out == *READY* ]] && break; done
for line in ${ALONE.map(([line]) => `'sipcap ${line}'`).join(' ')}; do
  zpty -w -n z "$line"$'\\t\\x18'
  all=""
  while zpty -r z out; do all+=$out; [[ $all == *LINE*'>'* ]] && break; done
  print -r -- "\${\${all##*LINE<}%%>*}"
done
zpty -d z`;
      const out = execFileSync('zsh', ['-f', '-c', script], { cwd: folder.path, encoding: 'utf8', timeout: 50_000 });
      const completed = ALONE.map(([line, [word]]) => `sipcap ${line.replace(/\S*$/, '')}${word}`);
      expect(
        out
          .trim()
          .split('\n')
          .map((line) => line.trim()),
      ).toEqual(completed);
    },
    60_000,
  );
});
