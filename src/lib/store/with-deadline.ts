/** Work on a connection that must not hang: after the deadline the connection is closed, so that it fails instead. */
export async function withDeadline<T>(session: { abort(): void }, milliseconds: number, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => session.abort(), milliseconds);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
