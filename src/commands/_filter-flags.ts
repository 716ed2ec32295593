/** The flags that select messages: one condition, and short flags for daily use. */
import { Flags } from '@oclif/core';
import type { FilterOptions } from '../lib/script/filter/options.js';

const helpGroup = 'FILTER';
const several = { multiple: true, multipleNonGreedy: true, helpGroup } as const;

export const zoneFlags = {
  tz: Flags.string({
    helpValue: 'ZONE',
    default: '',
    summary: "time zone of times: UTC or a name such as Europe/Berlin; default: the system's",
    helpGroup: 'OUTPUT',
  }),
  utc: Flags.boolean({ summary: 'times in UTC', exclusive: ['tz'], helpGroup: 'OUTPUT' }),
};

/** Of ladders. */
export const widthFlag = Flags.integer({
  helpValue: 'COLUMNS',
  min: 40,
  max: 1000,
  summary: 'columns of text; default: of the terminal, else 160',
  helpGroup: 'OUTPUT',
});

/** The accepted forms of a time, for all flags that take one. */
export const timeFlags = {
  since: Flags.string({
    helpValue: 'TIME',
    default: '',
    summary: 'not before this time: "2026-11-25 10:00", today, yesterday, -1h, now',
    helpGroup,
  }),
  until: Flags.string({ helpValue: 'TIME', default: '', summary: 'before this time', helpGroup }),
  last: Flags.string({ helpValue: 'AGE', default: '', summary: 'not before so long ago (30m, 1h, 2d)', helpGroup }),
  ...zoneFlags,
};

/** The selected time zone, '' for the system's. */
export function zoneOf({ tz, utc }: { tz: string; utc: boolean }): string {
  return utc ? 'UTC' : tz;
}

export const filterFlags = {
  where: Flags.string({
    helpValue: 'CONDITION',
    default: '',
    summary: 'only messages that fulfil this condition, as route scripts have them: \'$fU == "alice" && $rs >= 400\'',
    helpGroup,
  }),
  'sip-user': Flags.string({
    ...several,
    helpValue: 'USER',
    summary: 'user of From, To, request URI or P-Asserted-Identity; may be repeated',
  }),
  'from-user': Flags.string({ ...several, helpValue: 'USER', summary: 'user of From; may be repeated' }),
  'to-user': Flags.string({ ...several, helpValue: 'USER', summary: 'user of To; may be repeated' }),
  number: Flags.string({
    ...several,
    helpValue: 'NUMBER',
    summary: 'telephone number of any of these users, compared by its last digits (+49…, 0049… and 0… are one number)',
  }),
  'call-id': Flags.string({ ...several, helpValue: 'ID', summary: 'Call-ID; may be repeated' }),
  method: Flags.string({ ...several, helpValue: 'METHOD', summary: 'method, of replies that of CSeq: INVITE, or INVITE,BYE' }),
  status: Flags.string({
    ...several,
    helpValue: 'CODE',
    summary: 'status of a reply: 486, 4xx, 400-499, >=400, or several separated by commas',
  }),
  reply: Flags.string({ ...several, helpValue: 'CODE', summary: 'as --status' }),
  ip: Flags.string({ ...several, helpValue: 'ADDRESS', summary: 'source or destination: an address or a network (10.0.0.0/8)' }),
  ua: Flags.string({ ...several, helpValue: 'REGEX', summary: 'User-Agent (of replies Server) matches, upper and lower case alike' }),
  match: Flags.string({ ...several, helpValue: 'REGEX', summary: 'the whole message matches, upper and lower case alike' }),
  ...timeFlags,
  'keep-reports': Flags.boolean({
    summary: 'filters select SIP messages: also keep RTCP, logs and other payloads of that time',
    helpGroup,
  }),
  'whole-only': Flags.boolean({ summary: 'leave out SIP messages whose end is missing (counted as cut)', helpGroup }),
};

export interface TimeValues {
  since: string;
  until: string;
  last: string;
  tz: string;
  utc: boolean;
}

export interface FilterValues extends TimeValues {
  where: string;
  'sip-user'?: string[];
  'from-user'?: string[];
  'to-user'?: string[];
  number?: string[];
  'call-id'?: string[];
  method?: string[];
  status?: string[];
  reply?: string[];
  ip?: string[];
  ua?: string[];
  match?: string[];
  'keep-reports': boolean;
  'whole-only': boolean;
}

export function filterOptions(flags: FilterValues): FilterOptions {
  return {
    where: flags.where,
    sipUser: flags['sip-user'] ?? [],
    fromUser: flags['from-user'] ?? [],
    toUser: flags['to-user'] ?? [],
    number: flags.number ?? [],
    callId: flags['call-id'] ?? [],
    method: flags.method ?? [],
    status: flags.status ?? [],
    reply: flags.reply ?? [],
    ip: flags.ip ?? [],
    ua: flags.ua ?? [],
    match: flags.match ?? [],
    since: flags.since,
    until: flags.until,
    last: flags.last,
    zone: zoneOf(flags),
    keepReports: flags['keep-reports'],
    wholeOnly: flags['whole-only'],
  };
}
