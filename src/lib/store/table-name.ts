/**
 * Table names with a strftime suffix (`sip_capture_%Y%m%d`), expanded in UTC from a message's time and checked,
 * so that the result is always a valid table name.
 */
import { UsageError } from '../base/index.js';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const MINUTE_MICROSECONDS = 60_000_000;

/** Our own tables, and those of SQLite and PostgreSQL. */
const RESERVED = /^(?:.*\.)?(?:sipcap_(?:position|schema|table)|sqlite_.*|pg_.*)$/i;

export class TableName {
  /** False if the name is constant. */
  readonly suffixed: boolean;
  private readonly bySecond: boolean;
  private minute = NaN;
  private name = '';

  constructor(private readonly pattern: string) {
    this.suffixed = pattern.includes('%');
    this.bySecond = /%[EO_\-0^#]*[scSTrX+]/.test(pattern);
    this.expand(0);
  }

  /** The name for a message of that time, microseconds since 1970. */
  at(microseconds: number): string {
    if (!this.suffixed) return this.pattern;
    const minute = Math.floor(microseconds / MINUTE_MICROSECONDS);
    if (minute !== this.minute || this.bySecond) {
      this.minute = minute;
      this.name = this.expand(microseconds);
    }
    return this.name;
  }

  private expand(microseconds: number): string {
    const name = this.suffixed ? strftime(this.pattern, new Date(Math.floor(microseconds / 1000))) : this.pattern;
    checkTableName(name, this.suffixed ? ` (from '${this.pattern}')` : '');
    return name;
  }
}

/** Names come from settings, scripts and spools alike. */
export function checkTableName(name: string, origin = ''): void {
  if (!/^[A-Za-z0-9_$]+(\.[A-Za-z0-9_$]+)?$/.test(name) || name.length > 128)
    throw new UsageError(`invalid table name '${name}'${origin}: expected letters, digits, _ and $, with at most one dot`);
  if (RESERVED.test(name)) throw new UsageError(`reserved table name '${name}'${origin}: choose another name`);
}

/** C99's conversions in the C locale and UTC, and glibc's %k %l %P %s; what is unknown is copied through. */
export function strftime(format: string, date: Date): string {
  return format.replace(/%([A-Za-z%])/g, (whole, letter: string) => convert(letter, date) ?? whole);
}

function convert(letter: string, date: Date): string | undefined {
  const year = date.getUTCFullYear();
  const hour = date.getUTCHours();
  const hour12 = hour % 12 === 0 ? 12 : hour % 12;
  const day = date.getUTCDate();
  const weekday = date.getUTCDay();
  const dayOfYear = Math.floor((Date.UTC(year, date.getUTCMonth(), day) - Date.UTC(year, 0, 1)) / 86_400_000);
  const two = (value: number) => String(value).padStart(2, '0');
  switch (letter) {
    case 'a':
      return DAYS[weekday].slice(0, 3);
    case 'A':
      return DAYS[weekday];
    case 'b':
    case 'h':
      return MONTHS[date.getUTCMonth()].slice(0, 3);
    case 'B':
      return MONTHS[date.getUTCMonth()];
    case 'c':
      return strftime('%a %b %e %H:%M:%S %Y', date);
    case 'C':
      return two(Math.floor(year / 100));
    case 'd':
      return two(day);
    case 'D':
      return strftime('%m/%d/%y', date);
    case 'e':
      return String(day).padStart(2, ' ');
    case 'F':
      return strftime('%Y-%m-%d', date);
    case 'g':
      return two(isoWeek(date).year % 100);
    case 'G':
      return String(isoWeek(date).year);
    case 'H':
      return two(hour);
    case 'I':
      return two(hour12);
    case 'j':
      return String(dayOfYear + 1).padStart(3, '0');
    case 'k':
      return String(hour).padStart(2, ' ');
    case 'l':
      return String(hour12).padStart(2, ' ');
    case 'm':
      return two(date.getUTCMonth() + 1);
    case 'M':
      return two(date.getUTCMinutes());
    case 'n':
      return '\n';
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'P':
      return hour < 12 ? 'am' : 'pm';
    case 'r':
      return strftime('%I:%M:%S %p', date);
    case 'R':
      return strftime('%H:%M', date);
    case 's':
      return String(Math.floor(date.getTime() / 1000));
    case 'S':
      return two(date.getUTCSeconds());
    case 't':
      return '\t';
    case 'T':
    case 'X':
      return strftime('%H:%M:%S', date);
    case 'u':
      return String(weekday === 0 ? 7 : weekday);
    case 'U':
      return two(Math.floor((dayOfYear + 7 - weekday) / 7));
    case 'V':
      return two(isoWeek(date).week);
    case 'w':
      return String(weekday);
    case 'W':
      return two(Math.floor((dayOfYear + 7 - ((weekday + 6) % 7)) / 7));
    case 'x':
      return strftime('%m/%d/%y', date);
    case 'y':
      return two(year % 100);
    case 'Y':
      return String(year);
    case 'z':
      return '+0000';
    case 'Z':
      return 'GMT';
    case '%':
      return '%';
    default:
      return undefined;
  }
}

/** ISO 8601: the week belongs to the year that holds its Thursday. */
function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 4 - (date.getUTCDay() || 7)));
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604_800_000) + 1 };
}
