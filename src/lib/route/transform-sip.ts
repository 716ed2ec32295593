/** Transformations of what SIP headers hold: `{uri...}`, `{via...}`, `{nameaddr...}`, `{param...}`. */
import { integerOf, nameOf, row, some, type TransformationRow } from './transform-row.js';
import {
  addressUri,
  displayName,
  headerParameters,
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
  uri('passwd', 'password', (parts) => parts.password),
  uri('port', 'port', (parts) => parts.port),
  uri('params', 'all parameters', (parts) => parts.parameters),
  uri('headers', 'headers after the question mark', (parts) => parts.headers),
  row('uri.param', 'name', 'a parameter by its name', (text, [name]) => valueOf(parameterList(parseUri(text).parameters), nameOf(name))),
  ...['transport', 'ttl', 'maddr', 'method', 'lr', 'r2'].map((name) => uriParameter(name, name)),
  uriParameter('uparam', 'user'),
  via('name', 'name of the protocol', (parts) => parts.name),
  via('version', 'version of the protocol', (parts) => parts.version),
  via('transport', 'transport', (parts) => parts.transport),
  via('host', 'host', (parts) => parts.host),
  via('port', 'port', (parts) => parts.port),
  via('comment', 'comment', (parts) => parts.comment),
  via('params', 'all parameters', (parts) => parts.parameters),
  row('via.param', 'name', 'a parameter by its name', (text, [name]) => valueOf(parameterList(parseVia(text).parameters), nameOf(name))),
  ...['branch', 'received', 'rport'].map((name) =>
    row(`via.${name}`, '', `parameter ${name}`, (text) => valueOf(parameterList(parseVia(text).parameters), name)),
  ),
  row('nameaddr.name', '', 'display name as written', (text) => some(displayName(text))),
  row('nameaddr.uri', '', 'URI', (text) => some(addressUri(text))),
  row('nameaddr.len', '', 'length', (text) => text.trim().length),
  row('nameaddr.params', '', 'all parameters', (text) => some(headerParameters(text))),
  row('nameaddr.param', 'name', 'a parameter by its name', (text, [name]) => valueOf(parameterList(headerParameters(text)), nameOf(name))),
  row('param.value', 'name', 'value of a parameter by its name', (text, [name]) => valueOf(parameterList(text), nameOf(name))),
  row('param.exist', 'name', '1 if there is such a parameter, else 0', (text, [name]) =>
    parameterList(text).some((one) => one.name === nameOf(name)) ? 1 : 0,
  ),
  row('param.valueat', 'index', 'value of a parameter by its place, from 0', (text, [index]) => some(at(text, index)?.value)),
  row('param.name', 'index', 'name of a parameter by its place, from 0', (text, [index]) => some(at(text, index)?.written)),
  row('param.count', '', 'how many parameters', (text) => parameterList(text).length),
];

function uri(name: string, meaning: string, part: (parts: UriParts) => string): TransformationRow {
  return row(`uri.${name}`, '', `${meaning} of a URI`, (text) => some(part(parseUri(text))));
}

function uriParameter(name: string, parameter: string): TransformationRow {
  return row(`uri.${name}`, '', `parameter ${parameter} of a URI`, (text) => valueOf(parameterList(parseUri(text).parameters), parameter));
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
