/** Exit codes of all commands. */
export const EXIT_DONE = 0;
export const EXIT_BUG = 1;
export const EXIT_USAGE = 2;
/** Input partly or wholly unreadable; what was readable is stored. */
export const EXIT_BAD_INPUT = 3;
/** A database or target could not be reached; what could be kept is kept. */
export const EXIT_UNREACHABLE = 4;
/** A query for calls or reports found none. */
export const EXIT_NOTHING_FOUND = 5;
/** Interrupted before finite work was complete. */
export const EXIT_INTERRUPTED = 130;
