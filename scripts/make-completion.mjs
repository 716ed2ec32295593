// Static completion scripts for bash, zsh and fish out of the command manifest: no program runs at the Tab key.
// Words, and values of flags and arguments: choices, files, interfaces, chunks, HEP endpoints, management commands.
import { readFileSync, writeFileSync } from 'node:fs';
import { CALL_FLAGS, CALL_STATES } from '../dist/lib/calls/tracking/states.js';
import { CHUNKS } from '../dist/lib/hep/index.js';
import { TOPICS } from '../dist/lib/service/help.js';

const { commands } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8'));
const ENDPOINTS = 'hep_udp: hep_tcp: hep_tls:';
const miCommands = [...readFileSync('src/lib/admin/mi/commands.ts', 'utf8').matchAll(/names: \['([a-z_]+)'/g)].map((match) => match[1]);
const chunks = CHUNKS.map(({ name }) => name).join(' ');

/** What a value is, by how help names it. `@` is made by the shell. */
const BY_VALUE = {
  FILE: '@files',
  DIR: '@files',
  PATH: '@files',
  PACKETS: '@files',
  CAPTURE: '@files',
  SOURCE: '@files',
  IF: '@interfaces',
  ENDPOINT: ENDPOINTS,
  TARGET: ENDPOINTS,
  CHUNK: chunks,
  'CHUNK=VALUE': CHUNKS.map(({ name }) => `${name}=`).join(' '),
  STATE: CALL_STATES.join(' '),
  FLAG: CALL_FLAGS.join(' '),
  METHOD: 'INVITE ACK BYE CANCEL REGISTER OPTIONS SUBSCRIBE NOTIFY PUBLISH MESSAGE INFO UPDATE PRACK REFER',
  ZONE: 'UTC local',
  'N|capture': 'capture',
};
/** Of the arguments that are no files. */
const ARGUMENTS = {
  'hep listen': ENDPOINTS,
  mi: miCommands.join(' '),
  'call show': '',
  'call export': '',
  'report show': '',
  help: `${TOPICS.map(({ name }) => name).join(' ')} ${[...new Set(Object.keys(commands).map((id) => id.split(':')[0]))].join(' ')}`,
};

const words = new Map();
const add = (prefix, word) => words.set(prefix, (words.get(prefix) ?? new Set()).add(word));
/** Kind or words to the `command flag` pairs that take them. */
const values = new Map();
for (const id of Object.keys(commands)) {
  const parts = id.split(':');
  const command = parts.join(' ');
  parts.forEach((part, i) => add(parts.slice(0, i).join(' '), part));
  for (const [name, { char, type, options, helpValue, hidden, allowNo }] of Object.entries(commands[id].flags)) {
    if (!hidden) {
      add(command, `--${name}`);
      if (allowNo) add(command, `--no-${name}`);
      if (char) add(command, `-${char}`);
    }
    if (type !== 'option') continue;
    const kind = options?.join(' ') ?? BY_VALUE[helpValue] ?? '@none';
    const keys = values.get(kind) ?? values.set(kind, []).get(kind);
    keys.push(`${command} --${name}`, ...(char ? [`${command} -${char}`] : []));
  }
  add(command, '--help');
  add(command, '-h');
}
const sorted = [...words].sort(([a], [b]) => (a < b ? -1 : 1)).map(([prefix, set]) => [prefix, [...set].sort().join(' ')]);
const argumentsOf = Object.keys(commands)
  .sort()
  .map((id) => [id.replaceAll(':', ' '), ARGUMENTS[id.replaceAll(':', ' ')] ?? (Object.keys(commands[id].args).length > 0 ? '@files' : '')])
  .filter(([, kind]) => kind !== '');

const shellCases = (variable) => ({
  words: sorted.map(([prefix, text]) => `    "${prefix}") ${variable}="${text}" ;;`).join('\n'),
  values: [...values].map(([kind, keys]) => `    ${keys.map((key) => `"${key}"`).join(' | ')}) ${variable}="${kind}" ;;`).join('\n'),
  arguments: argumentsOf.map(([command, kind]) => `    "${command}") ${variable}="${kind}" ;;`).join('\n'),
});
const known = sorted.map(([prefix]) => `|${prefix}|`).join('');
const cases = shellCases('kind');

/** The same for bash and zsh: sets path and kind out of the words before the current one. */
const find = (list) => `  local path="" word known="${known}" kind="" previous="$1"
  for word in ${list}; do
    case $known in *"|\${path:+$path }$word|"*) path="\${path:+$path }$word" ;; *) break ;; esac
  done
  case "$path $previous" in
${cases.values}
  esac
  if [ -z "$kind" ]; then
    case $current in
      -*) ;;
      *)
        case $path in
${cases.arguments.replaceAll(/^ {4}/gm, '          ')}
        esac
        ;;
    esac
    local argument=$kind
    kind=""
    case $path in
${cases.words.replaceAll(/^ {4}/gm, '      ')}
    esac
    # Flags are offered once a dash is typed, where there is something else to offer.
    case "$argument:$current" in ?*:-* | :*) ;; ?*:*) kind=$argument ;; esac
  fi`;

const bash = `# bash completion for sipcap: put this file into /etc/bash_completion.d or source it.
_sipcap() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  # The shell splits --flag=value, and hep_udp:… at its colon.
  if [ "$current" = "=" ]; then
    current=""
  elif [ "$before" = "=" ]; then
    before=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  _sipcap_find "$before"
}
_sipcap_find() {
${find('"${COMP_WORDS[@]:1:COMP_CWORD-1}"')}
  case $kind in
    @files) COMPREPLY=($(compgen -f -- "$current")) ;;
    @interfaces) COMPREPLY=($(compgen -W "any $(cd /sys/class/net 2>/dev/null && echo *)" -- "$current")) ;;
    @none) COMPREPLY=() ;;
    *) COMPREPLY=($(compgen -W "$kind" -- "$current")) ;;
  esac
  # Nothing follows a colon or an equals sign but more of the value.
  case "\${COMPREPLY[0]-}" in *[:=]) compopt -o nospace 2>/dev/null ;; esac
}
complete -o filenames -F _sipcap sipcap
`;
const zsh = `#compdef sipcap
# zsh completion for sipcap: put this file into a folder of $fpath.
_sipcap() {
  local current=\${words[CURRENT]} before=\${words[CURRENT-1]}
  case $current in
    --*=*)
      before=\${current%%=*}
      compset -P '*='
      current=\${current#*=}
      ;;
  esac
  _sipcap_find "$before"
}
_sipcap_find() {
${find('"${words[@]:1:$((CURRENT - 2))}"').replaceAll(/\bpath\b/g, 'chosen')}
  case $kind in
    @files) _files ;;
    @interfaces) compadd -- any /sys/class/net/*(N:t) ;;
    @none) _message 'value' ;;
    *[:=]) compadd -S '' -- \${=kind} ;;
    *) compadd -- \${=kind} ;;
  esac
}
_sipcap "$@"
`;
const fishCases = (rows) =>
  rows.map(([keys, kind]) => `    case ${keys.map((key) => `'${key}'`).join(' ')}\n      set kind ${kind.split(' ').join(' ')}`).join('\n');
const fish = `# fish completion for sipcap: put this file into ~/.config/fish/completions or /usr/share/fish/vendor_completions.d.
function __sipcap_complete
  set -l tokens (commandline -opc)
  set -l current (commandline -ct)
  set -l known ${sorted
    .filter(([prefix]) => prefix !== '')
    .map(([prefix]) => `'${prefix}'`)
    .join(' ')}
  set -l chosen ''
  for word in $tokens[2..-1]
    set -l longer (string trim -- "$chosen $word")
    contains -- $longer $known; or break
    set chosen $longer
  end
  set -l previous $tokens[-1]
  if string match -qr -- '^--[^=]+=' $current
    set previous (string replace -r '=.*' '' -- $current)
  end
  set -l kind
  switch "$chosen $previous"
${fishCases([...values].map(([kind, keys]) => [keys, kind]))}
  end
  if test -z "$kind"; and not string match -q -- '-*' $current
    switch $chosen
${fishCases(argumentsOf.map(([command, kind]) => [[command], kind])).replaceAll(/^/gm, '  ')}
    end
  end
  if test -z "$kind"
    switch $chosen
${fishCases(sorted.map(([prefix, text]) => [[prefix], text])).replaceAll(/^/gm, '  ')}
    end
  end
  set -l prefix ''
  test "$previous" != "$tokens[-1]"; and set prefix "$previous="
  switch "$kind"
    case @files
      __fish_complete_path (string replace -- $prefix '' $current) | string replace -r '^' -- $prefix
    case @interfaces
      printf '%s\\n' $prefix(command ls /sys/class/net) "$prefix"any
    case @none
    case '*'
      printf '%s\\n' $prefix$kind
  end
end
complete -c sipcap -f -a '(__sipcap_complete)'
`;
writeFileSync('completion/sipcap.bash', bash);
writeFileSync('completion/_sipcap', zsh);
writeFileSync('completion/sipcap.fish', fish);
