/** Limits for untrusted scripts: whatever the text, parsing it ends soon and never overflows the stack. */
export interface RouteLimits {
  /** Tokens of one script. */
  maxTokens: number;
  /** Blocks and parentheses within each other. */
  maxDepth: number;
  /** Operators in one expression with all its parentheses; else-ifs around one place. Both bound the depth of the tree, which is walked by recursion. */
  maxChain: number;
  /** Errors after which the rest is not reported. */
  maxErrors: number;
}

export const DEFAULT_LIMITS: RouteLimits = { maxTokens: 100_000, maxDepth: 100, maxChain: 400, maxErrors: 50 };

/** Iterations of one while loop if the script does not set max_while_loops. */
export const MAX_WHILE_LOOPS = 10_000;
/** Statements that one message may take: loops in loops and routes in routes multiply. Long texts count as several. */
export const MAX_WORK = 100_000;
/** Characters of a text that a script builds. */
export const MAX_TEXT = 65_536;
/** Shorter texts are not checked against the limits. */
export const SHORT_TEXT = 1024;
/** Depth of nested route calls. */
export const MAX_ROUTE_DEPTH = 100;
