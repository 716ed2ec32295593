// Static completion scripts for bash and zsh out of the command manifest: no program runs at the Tab key.
import { readFileSync, writeFileSync } from 'node:fs';

const { commands } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8'));
const words = new Map();
const add = (prefix, word) => words.set(prefix, (words.get(prefix) ?? new Set()).add(word));
for (const id of Object.keys(commands)) {
  const parts = id.split(':');
  parts.forEach((part, i) => add(parts.slice(0, i).join(' '), part));
  for (const [name, { char }] of Object.entries(commands[id].flags)) {
    add(parts.join(' '), `--${name}`);
    if (char) add(parts.join(' '), `-${char}`);
  }
  add(parts.join(' '), '--help');
}
const cases = [...words]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([prefix, set]) => `    "${prefix}") words="${[...set].sort().join(' ')}" ;;`)
  .join('\n');
const bash = `# bash completion for sipcap: put this file into /etc/bash_completion.d or source it.
_sipcap() {
  local current=\${COMP_WORDS[COMP_CWORD]} path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) break ;; esac
    path="\${path:+$path }$word"
  done
  case $path in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  # Values of flags and arguments are mostly files.
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _sipcap sipcap
`;
const zsh = `#compdef sipcap
# zsh completion for sipcap: put this file into a folder of $fpath.
_sipcap() {
  local path_="" word words_=""
  for word in "\${words[@]:1:$((CURRENT - 2))}"; do
    case $word in -*) break ;; esac
    path_="\${path_:+$path_ }$word"
  done
  case $path_ in
${cases.replaceAll('words=', 'words_=')}
  esac
  compadd -- \${=words_}
  _files
}
_sipcap "$@"
`;
writeFileSync('completion/sipcap.bash', bash);
writeFileSync('completion/_sipcap', zsh);
