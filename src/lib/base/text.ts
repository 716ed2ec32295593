/** Text for people: what a terminal may be given, and times. */

/** Control characters could drive the terminal: they are shown as dots. Line ends and tabs of a whole message stay. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '.');
}

/** `2026-01-31 12:00:00.123456` in UTC. */
export function timeText(microseconds: number): string {
  const millis = Math.floor(microseconds / 1000);
  const iso = new Date(millis).toISOString();
  const micros = String(Math.floor(microseconds - Math.floor(microseconds / 1e6) * 1e6)).padStart(6, '0');
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${micros}`;
}
