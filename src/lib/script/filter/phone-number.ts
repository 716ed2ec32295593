/** Telephone numbers compared by their last digits: `+49 30 1234567`, `0049301234567` and `0301234567` are one number. */
import { UsageError } from '../../base/index.js';

/** A shorter number is found only at the end of a longer one, not the other way round: it could be anybody's extension. */
const MIN_NATIONAL = 7;

export class PhoneNumber {
  /** Without dialling prefixes. */
  private readonly digits: string;

  constructor(text: string, option: string) {
    this.digits = significant(text);
    if (this.digits === '' || !/^\+?[\d\s()./-]+$/.test(text))
      throw new UsageError(`invalid ${option} '${text}': expected a telephone number or its last digits`);
  }

  /** A user part; one that is not a number never matches. */
  matches(user: string): boolean {
    if (user === '' || user.charCodeAt(0) > 0x39) return false;
    if (user.endsWith(this.digits) && /^\+?\d+$/.test(user)) return true;
    if (!/^\+?[\d().-]+$/.test(user)) return false;
    const other = significant(user);
    return other.endsWith(this.digits) || (other.length >= MIN_NATIONAL && this.digits.endsWith(other));
  }

  /** A SQL LIKE pattern for candidates: the last digits, with any separators. */
  get pattern(): string {
    return `%${[...this.digits.slice(-MIN_NATIONAL)].join('%')}%`;
  }
}

/** The digits without `00`, `0` or `+` in front. */
function significant(text: string): string {
  const digits = text.replace(/\D/g, '');
  return digits.replace(/^0{1,2}(?=\d)/, '');
}
