/** The file of `config convert`: a script of OpenSIPS or Kamailio to equivalent YAML. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError, plainFiles } from '../base/index.js';
import { Source, includeReader, kamailioSign, withIncludes } from '../route/index.js';
import { convertedText } from './convert.js';
import { Draft } from './draft.js';
import { readKamailio } from './kamailio-reader.js';
import { loadSettings, settingsFromText } from './load.js';
import { rootPaths } from './paths.js';
import { Report } from './problems.js';
import { validate } from './validate.js';

export interface ConvertedFile {
  /** '' where the script has errors. */
  yaml: string;
  /** Errors of the script, or of the generated YAML. */
  report: string;
  errors: number;
}

/** Throws where the file cannot be read. */
export function convertFile(file: string): ConvertedFile {
  if (/\.ya?ml$/i.test(file)) throw new UsageError(`${file} is YAML already: expected a script of OpenSIPS or Kamailio (.cfg)`);
  if (!/\.cfg$/i.test(file)) throw new UsageError(`invalid file '${file}': expected a script of OpenSIPS or Kamailio by its name (.cfg)`);
  const whole = new Source(file, readFileSync(file, 'utf8'));
  const { source } = withIncludes(whole, includeReader(file, [], plainFiles));
  return kamailioSign(source.text) === null ? fromOpensips(file) : fromKamailio(file, source);
}

/** Routes are copied unchanged: errors in them are errors of the YAML, too. */
function fromOpensips(file: string): ConvertedFile {
  const { values, draft, script, problems, report, errors } = loadSettings({ file, environment: {}, flags: [], errorsOnly: true });
  if (values === null) return { yaml: '', report, errors };
  return { yaml: convertedText({ name: file, draft, values, script, leftOut: problems.map(({ text }) => text) }), report: '', errors: 0 };
}

function fromKamailio(file: string, source: Source): ConvertedFile {
  const draft = new Draft();
  const report = new Report();
  report.for(source);
  const leftOut = readKamailio(source, draft);
  rootPaths(draft, dirname(resolve(file)));
  const { values } = validate(draft, report);
  if (report.errorCount > 0) return { yaml: '', report: report.text(true), errors: report.errorCount };
  const yaml = convertedText({ name: file, draft, values, script: null, leftOut });
  const made = settingsFromText(yaml, { file: `${file}.yaml`, environment: {}, flags: [], errorsOnly: true });
  return { yaml, report: made.report, errors: made.errors };
}
