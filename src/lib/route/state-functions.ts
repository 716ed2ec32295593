/** Functions that change what a script keeps: flags, $avp, statistics, the cache, and the URIs $ru and $du. */
import type { Expression } from './ast.js';
import { constantOf, variableOf } from './call-order.js';
import { textReader } from './call-argument.js';
import { compileWriter } from './compile-variable.js';
import type { CallCompiler, Compiler } from './compiler.js';
import { PLAIN_ROLES } from './function-row.js';
import { requestUri } from './message-variable.js';
import type { Call, Run } from './run.js';
import { changedUri, parseUri, uriUser } from './uri.js';
import { avpPlace, branchFlag } from './variable-reader.js';
import { numberOf, textOf } from './value.js';

export const STATE_FUNCTIONS: Readonly<Record<string, CallCompiler>> = {
  setflag: flag((flags, name) => flags.add(name)),
  resetflag: flag((flags, name) => flags.delete(name) || true),
  isflagset: flag((flags, name) => flags.has(name)),
  setbflag: ofBranch((flags, name) => flags.add(name)),
  resetbflag: ofBranch((flags, name) => flags.delete(name) || true),
  isbflagset: ofBranch((flags, name) => flags.has(name)),
  is_avp_set: (compiler, { first }) => {
    const { place, flags } = avpOf(compiler, first!, 'esn');
    return (run) => {
      const value = run.avps.get(place(run), 0);
      const fits =
        flags === 'e' ? value === '' : flags === 's' ? typeof value === 'string' : flags === 'n' ? typeof value === 'number' : true;
      return value !== null && fits ? 1 : -1;
    };
  },
  avp_delete: (compiler, { first }) => {
    const { place, flags } = avpOf(compiler, first!, 'g');
    return (run) => {
      const at = place(run);
      if (at >= 0 && flags === 'g') run.avps.replaceAll(at, null);
      else if (at >= 0) run.avps.push(at, null);
      return 1;
    };
  },
  update_stat: (compiler, { first, second }, _call, spot) => {
    const name = textReader(compiler, first);
    const by = textReader(compiler, second);
    return (run) => {
      const number = numberOf((by(run) ?? '').trim());
      if (Number.isNaN(number)) return failure(run, spot, `invalid number '${by(run) ?? '<null>'}'`);
      return run.context.statistics.add(textOf(name(run)), number)
        ? 1
        : failure(run, spot, 'too many statistics, or a name of more than 256 characters');
    };
  },
  reset_stat: (compiler, { first }) => {
    const name = textReader(compiler, first);
    return (run) => {
      run.context.statistics.reset(textOf(name(run)));
      return 1;
    };
  },
  pv_printf: (compiler, { first, second }) => {
    const write = writerOf(compiler, first!);
    const text = textReader(compiler, second);
    return (run) => (write?.(run, text(run)) === true ? 1 : -1);
  },
  cache_store: (compiler, { first, second, third, fourth }, _call, spot) => {
    checkBackend(compiler, first!);
    const [key, value, seconds] = [second, third, fourth].map((one) => textReader(compiler, one));
    return (run) => {
      const lifetime = numberOf(seconds(run) ?? '0');
      if (!(lifetime >= 0)) return failure(run, spot, `invalid lifetime '${seconds(run)}': expected seconds`);
      const [name, stored] = [key(run), value(run)];
      if (name === null || stored === null) return failure(run, spot, `the ${name === null ? 'key' : 'value'} has no value`);
      run.context.cache.store(name, stored, untilOf(run, lifetime));
      return 1;
    };
  },
  cache_fetch: fetching,
  cache_counter_fetch: fetching,
  cache_remove: (compiler, { first, second }) => {
    checkBackend(compiler, first!);
    const key = textReader(compiler, second);
    // False only for another cache, which cannot exist here.
    return (run) => {
      run.context.cache.remove(textOf(key(run)));
      return 1;
    };
  },
  cache_add: counting(1),
  cache_sub: counting(-1),
  construct_uri: (compiler, given) => {
    const [scheme, name, host, port, parameters] = PLAIN_ROLES.slice(0, 5).map((role) => textReader(compiler, given[role]));
    const write = writerOf(compiler, given.sixth!);
    return (run) => {
      const [kind, domain] = [scheme(run) ?? '', host(run) ?? ''];
      if (kind === '' || domain === '') return -1;
      const [of, at, behind] = [name, port, parameters].map((read) => read(run) ?? '');
      const text = `${kind}:${of === '' ? '' : `${of}@`}${domain}${at === '' ? '' : `:${at}`}${behind === '' ? '' : `;${behind}`}`;
      return write?.(run, text) === true ? 1 : -1;
    };
  },
  setdsturi: uri((run, text) => (run.target = text)),
  resetdsturi: () => (run) => {
    run.target = '';
    return 1;
  },
  isdsturiset: () => (run) => (run.target === '' ? -1 : 1),
  seturi: uri((run, text) => (run.requestUri = text)),
  rewriteuri: uri((run, text) => (run.requestUri = text)),
  sethost: part('host'),
  rewritehost: part('host'),
  setport: part('port'),
  rewriteport: part('port'),
  setuser: part('user'),
  rewriteuser: part('user'),
  setuserpass: userpass(),
  rewriteuserpass: userpass(),
  sethostport: hostport(),
  rewritehostport: hostport(),
  revert_uri: () => (run) => {
    run.requestUri = '';
    return 1;
  },
  strip: user((name, count) => name.slice(numberOf(count) || 0)),
  strip_tail: user((name, count) => name.slice(0, Math.max(0, name.length - (numberOf(count) || 0)))),
  prefix: user((name, text) => text + name),
};

function flag(act: (flags: Set<string>, name: string) => unknown): CallCompiler {
  return (compiler, { first }) => {
    compiler.usesState = true;
    const name = textReader(compiler, first);
    return (run) => (act(run.flags, textOf(name(run))) === false ? -1 : 1);
  };
}

/** `setbflag("NAT", 1)` or, as in OpenSIPS 2.x and examples of 3.x, `setbflag(1, "NAT")` and `setbflag(1, 3)`. */
function ofBranch(act: (flags: Set<string>, name: string) => unknown): CallCompiler {
  return (compiler, { first, second }) => {
    compiler.usesState = true;
    const [one, other] = [textReader(compiler, first), textReader(compiler, second)];
    return (run) => {
      const [a, b] = [textOf(one(run)), other(run)];
      const isFlagFirst = b === null || Number.isNaN(numberOf(a));
      const name = isFlagFirst ? branchFlag(a, b ?? 0) : branchFlag(b, a);
      return act(run.flags, name) === false ? -1 : 1;
    };
  };
}

const NOWHERE: AvpArgument = { place: () => -1, flags: '' };

interface AvpArgument {
  place: (run: Run) => number;
  flags: string;
}

/** `"$avp(x)/g"`: the variable, and flags after a slash. Anything else than an $avp is reported. */
function avpOf(compiler: Compiler, argument: Expression, known: string): AvpArgument {
  const parts = argument.kind === 'text' ? argument.parts : [];
  const first = typeof parts[0] === 'object' ? parts[0] : variableOf(argument);
  const flags = typeof parts[1] === 'string' ? parts[1] : '';
  if (first?.name !== 'avp' || first.argument === null || first.argument === '' || parts.length > 2) {
    compiler.error(argument.place, 'an $avp is required here', 'write "$avp(name)"');
    return NOWHERE;
  }
  if (flags !== '' && !new RegExp(`^/[${known}]$`).test(flags))
    compiler.error(argument.place, `invalid flags '${flags}'`, `expected one of ${[...known].map((one) => `/${one}`).join(', ')}`);
  return { place: avpPlace(compiler, first), flags: flags.slice(1) };
}

function fetching(...[compiler, { first, second, third }]: Parameters<CallCompiler>): Call {
  checkBackend(compiler, first!);
  const key = textReader(compiler, second);
  const write = writerOf(compiler, third!);
  return (run) => {
    const value = run.context.cache.fetch(textOf(key(run)), run.context.now());
    if (value === null) return -1;
    write?.(run, value);
    return 1;
  };
}

function counting(sign: 1 | -1): CallCompiler {
  return (compiler, { first, second, third, fourth, fifth }, _call, spot) => {
    checkBackend(compiler, first!);
    const [key, by, seconds] = [second, third, fourth].map((one) => textReader(compiler, one));
    const write = fifth === undefined ? null : writerOf(compiler, fifth);
    return (run) => {
      const { cache } = run.context;
      const name = textOf(key(run));
      const before = cache.fetch(name, run.context.now());
      const sum = numberOf(before ?? '0') + sign * numberOf(by(run) ?? '');
      const lifetime = numberOf(seconds(run) ?? '0');
      if (Number.isNaN(sum) || !(lifetime >= 0)) return failure(run, spot, 'invalid number');
      cache.store(name, String(sum), before !== null && lifetime === 0 ? cache.until(name) : untilOf(run, lifetime));
      write?.(run, sum);
      return 1;
    };
  };
}

function untilOf(run: Run, seconds: number): number {
  return seconds === 0 ? 0 : run.context.now() + seconds * 1e6;
}

function checkBackend(compiler: Compiler, backend: Expression): void {
  const name = constantOf(backend);
  if (name === null || !/^local(?::.*)?$/i.test(name))
    compiler.error(backend.place, `unknown cache ${name === null ? '' : `'${name}'`}: only "local" is available here`, 'write "local"');
}

function writerOf(compiler: Compiler, argument: Expression) {
  const variable = variableOf(argument);
  if (variable !== null) return compileWriter(compiler, variable, 'change');
  compiler.error(argument.place, 'a variable is required here', 'write $var(name) or $avp(name)');
  return null;
}

function uri(set: (run: Run, text: string) => void): CallCompiler {
  return (compiler, { first }) => {
    const text = textReader(compiler, first);
    return (run) => {
      set(run, text(run) ?? '');
      return 1;
    };
  };
}

function part(name: 'user' | 'host' | 'port'): CallCompiler {
  return uri((run, text) => (run.requestUri = changedUri(requestUri(run), name, text)));
}

function userpass(): CallCompiler {
  return uri((run, text) => {
    const { user, password } = parseUri(`sip:${text}@host`);
    run.requestUri = changedUri(changedUri(requestUri(run), 'user', user), 'password', password);
  });
}

function hostport(): CallCompiler {
  return uri((run, text) => {
    const { host, port } = parseUri(`sip:${text}`);
    run.requestUri = changedUri(changedUri(requestUri(run), 'host', host), 'port', port);
  });
}

function user(change: (user: string, argument: string) => string): CallCompiler {
  return uri((run, text) => {
    const before = requestUri(run);
    run.requestUri = changedUri(before, 'user', change(uriUser(before), text));
  });
}

function failure(run: Run, spot: string, reason: string): number {
  run.context.failed(spot, reason);
  return -1;
}
