/** Randomly generated scripts: compiling and running them never throws and always ends. */
import { expect, test } from '@jest/globals';
import { RINGING, Recording, compiled, hepEnvelope, messageOf, INVITE } from './recording.js';

const VALUES = [
  '1',
  '-7',
  '"text"',
  '"$var(a)$rm"',
  '$var(a)',
  '$avp(b)',
  '$hdr(Via)',
  '$(hdr(v)[-1])',
  'null',
  '$si',
  '$HEPVERSION',
  '$hep_net(src_ip)',
  '127.0.0.0/8',
  '"["',
  '$rs',
  'route(x)',
  'hep_relay()',
  'sip_capture()',
  '$nothing',
  '"31"',
];
const OPERATORS = ['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>', '==', '!=', '<', '>=', '=~', '!~', '&&', '||'];
const CALLS = [
  'sip_capture',
  'report_capture',
  'hep_set',
  'hep_get',
  'hep_del',
  'hep_relay',
  'hep_resume_sip',
  'is_method',
  'xlog',
  'async',
  'route',
  'other',
];
const TYPES = ['"uint8"', '"src_ip"', '"0x0011"', '"$var(a)"', '', '"3"', '"sip:127.0.0.1"', 'x'];

class Chance {
  constructor(private state: number) {}

  below(limit: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  value(depth: number): string {
    if (depth > 2 || this.below(3) > 0) return this.of(VALUES);
    return this.below(4) === 0
      ? `!(${this.value(depth + 1)})`
      : `(${this.value(depth + 1)} ${this.of(OPERATORS)} ${this.value(depth + 1)})`;
  }

  statement(depth: number): string {
    switch (depth > 3 ? this.below(4) : this.below(9)) {
      case 0:
        return `$${this.of(['var(a)', 'avp(b)', 'du', 'ru', 'rm'])} ${this.of(['=', '+=', '-=', '/=', ':='])} ${this.value(0)};`;
      case 1:
        return `${this.of(CALLS)}(${Array.from({ length: this.below(5) }, () => this.of(TYPES)).join(', ')});`;
      case 2:
        return this.of(['exit;', 'drop;', 'return;', 'return -1;', 'return 0;', 'break;', ';']);
      case 3:
        return `xlog("${this.of(['$var(a)', '$(hdr(v)[1])', '$$', '$avp(b)\\n'])}");`;
      case 4:
        return `while (${this.value(0)}) ${this.statement(depth + 1)}`;
      case 5:
        return `switch (${this.value(0)}) { case 1: ${this.statement(depth + 1)} default: ${this.statement(depth + 1)} }`;
      case 6:
        return `if (${this.value(0)}) ${this.statement(depth + 1)} else ${this.statement(depth + 1)}`;
      default:
        return `{ ${this.statement(depth + 1)} ${this.statement(depth + 1)} }`;
    }
  }
}

test('three thousand scripts', () => {
  const chance = new Chance(20_261_123);
  const messages = [messageOf(INVITE), messageOf(RINGING, null), messageOf('no SIP', hepEnvelope(1))];
  let compiledOnes = 0;
  for (let round = 0; round < 3000; round++) {
    const body = () => Array.from({ length: 1 + chance.below(3) }, () => chance.statement(0)).join(' ');
    const { program, text } = compiled(`route { ${body()} } route[x] { ${body()} }`, { hepRoute: 'x', maxLoops: 3 });
    if (program === null) {
      expect(text).not.toBe('');
      continue;
    }
    compiledOnes++;
    for (const stage of ['hep', 'sip'] as const) {
      const context = new Recording(messages[round % messages.length]);
      context.stage = stage;
      context.refuses = round % 5 === 0 ? 'refused' : null;
      expect(['end', 'exit', 'drop', 'resume']).toContain(program.run(program.route('route', stage === 'hep' ? 'x' : '')!, context));
    }
  }
  expect(compiledOnes).toBeGreaterThan(150);
});
