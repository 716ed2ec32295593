/** A filter as given by flags. */
export interface FilterOptions {
  /** A condition in the language of route scripts; '' for none. */
  where: string;
  sipUser: readonly string[];
  fromUser: readonly string[];
  toUser: readonly string[];
  number: readonly string[];
  callId: readonly string[];
  method: readonly string[];
  status: readonly string[];
  reply: readonly string[];
  ip: readonly string[];
  ua: readonly string[];
  match: readonly string[];
  /** Times as people write them, '' for no limit. */
  since: string;
  until: string;
  /** `1h`: up to this long ago; '' for no limit. */
  last: string;
  /** Zone in which times are read; '' for the local one. */
  zone: string;
  /** Non-SIP packets pass too. */
  keepReports: boolean;
  /** SIP messages whose end is missing do not pass. */
  wholeOnly: boolean;
}

export const NO_FILTER: FilterOptions = {
  where: '',
  sipUser: [],
  fromUser: [],
  toUser: [],
  number: [],
  callId: [],
  method: [],
  status: [],
  reply: [],
  ip: [],
  ua: [],
  match: [],
  since: '',
  until: '',
  last: '',
  zone: '',
  keepReports: false,
  wholeOnly: false,
};
