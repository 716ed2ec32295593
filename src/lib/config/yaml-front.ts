/** YAML to a draft: every leaf as the text in the file, with its place. */
import { isAlias, isMap, isPair, isScalar, isSeq, type Document, type Node, type Scalar } from 'yaml';
import type { Place, Source } from '../route/index.js';
import type { Draft, Spot, Tree } from './draft.js';
import type { RawValue } from './kind.js';
import type { Report } from './problems.js';
import { namesAt } from './rows.js';
import { yamlDocument } from './yaml-document.js';
import { yamlWords } from './yaml-words.js';

/** Aliases can expand a small file into a huge one. */
const MAX_NODES = 20_000;
const MAX_DEPTH = 20;
/** Spellings that are the same setting. */
const ALIASES: Readonly<Record<string, string>> = { promiscious_on: 'promiscuous_on' };

/** False where it could not be read: what is missing then is not an error of its own. */
export function readYaml(source: Source, draft: Draft, report: Report): boolean {
  const document = yamlDocument(source.text);
  let line = 0;
  for (const { code, pos } of document.errors) {
    // Further errors in the same line are mostly consequences.
    if (source.lineColumn(pos[0]).line === line) continue;
    line = source.lineColumn(pos[0]).line;
    report.for(source).error(code === 'DUPLICATE_KEY' ? wordAt(source, pos[0]) : { from: pos[0], to: pos[1] }, ...yamlWords(code));
  }
  for (const { code, pos } of document.warnings) report.for(source).warn({ from: pos[0], to: pos[1] }, ...yamlWords(code));
  if (document.errors.length > 0) return false;
  return document.contents === null || new Reader(document, source, draft, report).readTop(document.contents as Node);
}

class Reader {
  private nodes = 0;

  constructor(
    private readonly document: Document,
    private readonly source: Source,
    private readonly draft: Draft,
    private readonly report: Report,
  ) {}

  readTop(contents: Node): boolean {
    if (!isMap(contents)) {
      this.report.for(this.source).error(this.place(contents), 'a configuration consists of settings', 'write name: value');
      return false;
    }
    const given = new Map<string, string>();
    for (const { written, key, value, node } of this.members(contents)) {
      const name = ALIASES[written] ?? written;
      const before = given.get(name);
      given.set(name, written);
      if (before !== undefined)
        this.report.for(this.source).error(key, `${written} and ${before} are the same setting`, 'keep one of them');
      else {
        // Not set: a dot in the name does not lead into a group.
        this.draft.note(name, this.spot(key, value));
        this.draft.tree[name] = this.read(node, name, key, value, 0);
      }
    }
    return true;
  }

  private read(node: Node | null, path: string, key: Place, value: Place, depth: number): Tree | RawValue {
    if (++this.nodes > MAX_NODES || depth > MAX_DEPTH) {
      if (this.nodes === MAX_NODES + 1 || depth > MAX_DEPTH) this.report.for(this.source).error(value, 'too many values or levels');
      return null;
    }
    if (isAlias(node)) return this.readAlias(node.resolve(this.document) ?? null, path, key, value, depth);
    if (isMap(node)) {
      const tree: Tree = {};
      for (const member of this.members(node)) {
        const at = `${path}.${member.written}`;
        tree[member.written] = this.read(member.node, at, member.key, member.value, depth + 1);
        this.draft.note(at, this.spot(member.key, member.value));
      }
      return tree;
    }
    if (isSeq(node)) {
      return node.items.map((item, i) => {
        const place = this.place(item as Node);
        const one = this.read(item as Node, `${path}[${i}]`, place, place, depth + 1);
        this.draft.note(`${path}[${i}]`, this.spot(place, place));
        return one as RawValue;
      });
    }
    const text = isScalar(node) ? scalarText(node) : null;
    // A group whose members are all commented out.
    return text === null && namesAt(path.split('.')).length > 0 ? {} : text;
  }

  private readAlias(node: Node | null, path: string, key: Place, value: Place, depth: number): Tree | RawValue {
    if (node !== null) return this.read(node, path, key, value, depth + 1);
    this.report.for(this.source).error(value, 'alias without an anchor before it');
    return null;
  }

  private members(node: Node): { written: string; key: Place; value: Place; node: Node | null }[] {
    if (!isMap(node)) return [];
    return node.items.filter(isPair).flatMap(({ key, value }) => {
      const place = this.place(key as Node);
      const written = isScalar(key) ? String(key.source ?? key.value) : '';
      // The second would be the tree's prototype, and not be seen again.
      if (written === '' || written === '__proto__' || (key as Scalar).value === '__proto__') {
        this.report.for(this.source).error(place, 'invalid setting name: expected a word');
        return [];
      }
      return [
        {
          written,
          key: place,
          value: value === null || isEmpty(value as Node) ? place : this.place(value as Node),
          node: value as Node | null,
        },
      ];
    });
  }

  /** Without the white space and comments after it. */
  private place(node: Node | null): Place {
    const [from, to] = node?.range ?? [0, 0];
    const text = this.source.text.slice(from, to);
    return { from, to: isScalar(node) && node.type?.startsWith('BLOCK_') ? to : from + text.trimEnd().length };
  }

  private spot(name: Place, value: Place): Spot {
    return { kind: 'file', source: this.source, name, value };
  }
}

/** The text in the file, not what YAML makes of it: `capture_node: 007` is 007. */
function scalarText(node: Scalar): string | null {
  if (node.value === null) return null;
  if (typeof node.value === 'string') return node.value;
  return node.source ?? String(node.value);
}

function wordAt({ text }: Source, from: number): Place {
  let to = from;
  while (to < text.length && !' :\r\n'.includes(text[to])) to++;
  return { from, to: Math.max(to, from + 1) };
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.range !== null && node.range !== undefined && node.range[0] === node.range[1];
}
