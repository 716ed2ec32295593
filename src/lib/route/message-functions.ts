/** Functions that read the message to closures: tests for its parts, and searches in it. */
import type { Expression } from './ast.js';
import { constantOf, variableOf } from './call-order.js';
import { textReader, type TextReader } from './call-argument.js';
import type { CallCompiler, Compiler } from './compiler.js';
import { body, partTypes } from './message-body.js';
import { isRfc1918 } from './network.js';
import { compilePattern, type Pattern } from './pattern.js';
import type { Call, Run } from './run.js';
import { compileWriter } from './compile-variable.js';
import { numberOf } from './value.js';

/** True where the audio of a session description is on hold: sendonly, inactive, or the address 0.0.0.0. */
const HOLD = /^(?:a=(?:sendonly|inactive)\s*|c=IN IP4 0\.0\.0\.0\s*)$/m;

export const MESSAGE_FUNCTIONS: Readonly<Record<string, CallCompiler>> = {
  has_totag: () => (run) => answer((run.context.sip()?.toTag ?? '') !== ''),
  is_present_hf: (compiler, { first }) => {
    const name = textReader(compiler, first);
    return (run) => answer(run.context.headers(name(run) ?? '').length > 0);
  },
  has_body: hasBody,
  has_body_part: hasBody,
  search: (compiler, { first }, _call, spot) => searching(compiler, first!, spot, (run) => [run.context.message.payload.toString()]),
  search_body: (compiler, { first }, _call, spot) => searching(compiler, first!, spot, (run) => [body(run) ?? '']),
  search_hf: (compiler, { first, second, third }, _call, spot) => {
    const name = textReader(compiler, first);
    const which = third === undefined ? 'a' : (constantOf(third) ?? 'a');
    if (!/^[afl]$/.test(which)) compiler.error(third!.place, `invalid header '${which}': expected a, f or l`);
    return searching(compiler, second!, spot, (run) => {
      const all = run.context.headers(name(run) ?? '');
      return which === 'a' ? all : which === 'f' ? all.slice(0, 1) : all.slice(-1);
    });
  },
  is_audio_on_hold: () => (run) => {
    const audio = (body(run) ?? '').split(/^(?=m=)/m);
    const session = audio[0] ?? '';
    return answer(audio.some((part) => part.startsWith('m=audio') && HOLD.test(/^[ac]=/m.test(part) ? part : session + part)));
  },
  is_myself: (compiler, { first, second }, call) => {
    compiler.asksForOwn(call.place);
    const host = textReader(compiler, first);
    const port = textReader(compiler, second);
    return (run) => answer(compiler.isOwn(host(run) ?? '', numberOf(port(run) ?? '0')));
  },
  is_ip_rfc1918: (compiler, { first }) => {
    const address = textReader(compiler, first);
    return (run) => answer(isRfc1918(address(run) ?? ''));
  },
  sip_validate: () => (run) => answer(run.context.sip()?.broken.length === 0),
  get_timestamp: (compiler, { first, second }) => {
    const [seconds, micros] = [first!, second!].map((one) => {
      const variable = variableOf(one);
      if (variable === null) compiler.error(one.place, 'get_timestamp() requires variables', 'write get_timestamp($var(sec), $var(usec))');
      return variable === null ? null : compileWriter(compiler, variable, 'change');
    });
    return (run) => {
      const now = run.context.now();
      seconds?.(run, Math.floor(now / 1e6));
      micros?.(run, now % 1e6);
      return 1;
    };
  },
};

function answer(isTrue: boolean): number {
  return isTrue ? 1 : -1;
}

function hasBody(...[compiler, { first }]: Parameters<CallCompiler>): Call {
  const type = textReader(compiler, first);
  return (run) => {
    const text = body(run);
    if (text === null || text === '') return -1;
    const wanted = type(run)?.trim().toLowerCase() ?? '';
    if (wanted === '') return 1;
    const types = [run.context.sip()?.contentType ?? '', ...partTypes(run)];
    return answer(types.some((one) => one.split(';')[0].trim().toLowerCase() === wanted));
  };
}

function searching(compiler: Compiler, expression: Expression, spot: string, texts: (run: Run) => readonly string[]): Call {
  const constant = constantOf(expression);
  const fixed = constant === null ? null : compilePattern(expression.kind === 'text' ? expression.plain : constant, { isOfLines: true });
  if (typeof fixed === 'string') {
    compiler.error(expression.place, `invalid pattern: ${fixed}`);
    return () => -1;
  }
  const dynamic: TextReader = textReader(compiler, expression);
  return (run) => {
    const pattern: Pattern | string = fixed ?? run.linePatterns.get(dynamic(run) ?? '');
    if (typeof pattern === 'string') {
      run.context.failed(spot, `invalid pattern: ${pattern}`);
      return -1;
    }
    return answer(texts(run).some((text) => run.maySearch(text, spot) && pattern.test(text)));
  };
}
