/**
 * Certificates of an OpenSIPS script: parameters of tls_mgm, and of proto_tls before it, whose values may begin with the
 * name of a TLS domain: [name]/etc/x.pem. The first server domain serves hep_tls sockets, the first client domain targets.
 */
import type { ModuleParameter, Script } from '../route/index.js';
import type { Draft } from './draft.js';
import type { Report } from './problems.js';

export const TLS_MODULES = ['tls_mgm', 'proto_tls'];

interface Given {
  parameter: ModuleParameter;
  /** '' is the default domain. */
  domain: string;
  value: string;
}

/** Parameters and settings of each side, and the parameter that switches the check of certificates. */
const SERVER = { certificate: 'tls.certificate', private_key: 'tls.key', ca_list: 'tls.client_ca' };
const CLIENT = { certificate: 'target.certificate', private_key: 'target.key', ca_list: 'target.ca' };

export function readTls(script: Script, draft: Draft, report: Report): void {
  const given = script.moduleParameters.filter(({ modules }) => modules.some((one) => TLS_MODULES.includes(one))).map(givenOf);
  const used = new Set<ModuleParameter>();
  const take = (domain: string, paths: Readonly<Record<string, string>>, check: string) => {
    const isChecked = !given.some((one) => one.parameter.name === check && one.domain === domain && one.value === '0');
    for (const { parameter, value } of given.filter((one) => one.domain === domain && paths[one.parameter.name] !== undefined)) {
      if (parameter.name === 'ca_list' && !isChecked) continue;
      used.add(parameter);
      const { namePlace: name, valuePlace } = parameter;
      if (draft.spot(paths[parameter.name]) === null)
        draft.set(paths[parameter.name], value, { kind: 'file', source: script.source, name, value: valuePlace });
    }
  };
  const server = domainOf(given, 'server_domain');
  const client = domainOf(given, 'client_domain');
  if (mentions(draft.get('socket'), /^\s*(?:hep_)?tls:/i)) take(server, SERVER, 'require_cert');
  if (mentions(draft.get('hep_id'), /transport\s*=\s*tls/i) || mentions(draft.get('hep_targets'), /^\s*(?:hep_)?tls:/i))
    take(client, CLIENT, 'verify_cert');
  for (const { parameter } of given) {
    const isPart = ['server_domain', 'client_domain', 'require_cert', 'verify_cert'].includes(parameter.name);
    if (used.has(parameter) || (isPart && used.size > 0)) continue;
    const why = used.size > 0 ? 'another domain is used, or certificates are not checked' : 'no hep_tls socket or target';
    report.for(script.source).note(parameter.place, `${parameter.name} of ${parameter.modules.join('|')} ignored: ${why}`);
  }
}

function givenOf(parameter: ModuleParameter): Given {
  const match = /^\s*\[([^\]]*)\]\s*(.*)$/s.exec(String(parameter.value));
  return { parameter, domain: match?.[1].trim() ?? '', value: match?.[2] ?? String(parameter.value) };
}

/** The first domain of that side that has a certificate: `name`, or `name=address:port` as 2.x writes it. */
function domainOf(given: readonly Given[], side: string): string {
  const names = given.filter(({ parameter }) => parameter.name === side).map(({ value }) => value.split('=')[0].trim());
  return names.find((name) => given.some(({ parameter, domain }) => domain === name && parameter.name === 'certificate')) ?? '';
}

function mentions(list: unknown, pattern: RegExp): boolean {
  return (Array.isArray(list) ? (list as unknown[]) : [list]).some((one) => typeof one === 'string' && pattern.test(one));
}
