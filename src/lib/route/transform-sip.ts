/** Transformations of SIP header values: `{uri...}`, `{via...}`, `{nameaddr...}`, `{param...}`. */
import { integerOf, nameOf, row, some, type TransformationRow } from './transform-row.js';
import {
  addressUri,
  displayName,
  headerParameters,
  headerValuesOf,
  parameterList,
  parseUri,
  parseVia,
  type Parameter,
  type UriParts,
  type ViaParts,
} from './uri.js';
import type { Value } from './value.js';

export const SIP_TRANSFORMATIONS: readonly TransformationRow[] = [
  uri('schema', 'scheme', (parts) => parts.scheme),
  uri('user', 'user', (parts) => parts.user),
  uri('host', 'host', (parts) => parts.host),
  uri('domain', 'host', (parts) => parts.host),
  uri('passwd', 'password', (parts) => parts.password),
  uri('port', 'port', (parts) => parts.port),
  uri('params', 'all parameters', (parts) => parts.parameters),
  uri('headers', 'headers after the question mark', (parts) => parts.headers),
  row('uri.param', 'name', 'a parameter by its name', (text, [name]) =>
    isUri(text) ? valueOf(parameterList(parseUri(text).parameters), nameOf(name)) : null,
  ),
  ...['transport', 'ttl', 'maddr', 'method', 'lr', 'r2'].map((name) => uriParameter(name, name)),
  uriParameter('uparam', 'user'),
  via('name', 'name of the protocol', (parts) => parts.name),
  via('version', 'version of the protocol', (parts) => parts.version),
  via('transport', 'transport', (parts) => parts.transport),
  via('host', 'host', (parts) => parts.host),
  via('domain', 'host', (parts) => parts.host),
  via('port', 'port', (parts) => parts.port),
  via('comment', 'comment', (parts) => parts.comment),
  via('params', 'all parameters', (parts) => parts.parameters),
  row('via.param', 'name', 'a parameter by its name', (text, [name]) => valueOf(parameterList(parseVia(text).parameters), nameOf(name))),
  ...['branch', 'received', 'rport'].map((name) =>
    row(`via.${name}`, '', `parameter ${name}`, (text) => valueOf(parameterList(parseVia(text).parameters), name) || null),
  ),
  row('nameaddr.name', '', 'display name as written; {nameaddr.1.name} of the second address of a list', (text) => some(displayName(text))),
  row('nameaddr.uri', '', 'URI', (text) => some(addressUri(text))),
  row('nameaddr.len', '', 'length', (text) => text.trim().length),
  row('nameaddr.params', '', 'all parameters', (text) => some(headerParameters(text))),
  row(
    'nameaddr.param',
    'name',
    'a parameter by its name',
    (text, [name]) => valueOf(parameterList(headerParameters(text)), nameOf(name)) || null,
  ),
  row('param.value', 'name', 'value of a parameter by its name', (text, [name]) => valueOf(parameterList(text), nameOf(name))),
  row('param.exist', 'name', '1 if there is such a parameter, else 0', (text, [name]) =>
    parameterList(text).some((one) => one.name === nameOf(name)) ? 1 : 0,
  ),
  row('param.valueat', 'index', 'value of a parameter by its place, from 0', (text, [index]) => at(text, index)?.value ?? null),
  row('param.name', 'index', 'name of a parameter by its place, from 0', (text, [index]) => some(at(text, index)?.written)),
  row('param.count', '', 'how many parameters', (text) => parameterList(text).length),
];

/** The address of a list selected by `{nameaddr.1.uri}`; null if there is none. */
export function addressAt(text: string, index: number): string | null {
  return text.includes(',') ? (headerValuesOf(text).at(index) ?? null) : index === 0 || index === -1 ? text : null;
}

/** Text that is not a URI has no parts. */
function isUri(text: string): boolean {
  return /^\s*(?:sips?|tels?|urn):/i.test(text);
}

function uri(name: string, meaning: string, part: (parts: UriParts) => string): TransformationRow {
  return row(`uri.${name}`, '', `${meaning} of a URI`, (text) => (isUri(text) ? some(part(parseUri(text))) : null));
}

/** A parameter without a value gives an empty text, as in OpenSIPS: `{uri.param,lr}`. */
function uriParameter(name: string, parameter: string): TransformationRow {
  return row(`uri.${name}`, '', `value of parameter ${parameter} of a URI`, (text) =>
    isUri(text) ? valueOf(parameterList(parseUri(text).parameters), parameter) || null : null,
  );
}

function via(name: string, meaning: string, part: (parts: ViaParts) => string): TransformationRow {
  return row(`via.${name}`, '', `${meaning} of a Via`, (text) => some(part(parseVia(text))));
}

/** A parameter without a value is present, and empty. */
function valueOf(parameters: readonly Parameter[], name: string): Value {
  return parameters.find((one) => one.name === name)?.value ?? null;
}

function at(text: string, index: Value): Parameter | undefined {
  const wanted = integerOf(index);
  return Number.isNaN(wanted) ? undefined : parameterList(text).at(wanted);
}
