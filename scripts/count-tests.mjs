// Prints how many tests were skipped, if any, and as the last line `N passed, N failed`; fails if no test ran.
import { readFileSync } from 'node:fs';

const results = JSON.parse(readFileSync(process.argv[2], 'utf8') || '{}');
const passed = results.numPassedTests ?? 0;
const failed = (results.numFailedTests ?? 0) + (results.numRuntimeErrorTestSuites ?? 0);
const skipped = results.numPendingTests ?? 0;
if (skipped > 0) console.log(`skipped: ${skipped} (their names say why)`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(passed > 0 && failed === 0 ? 0 : 1);
