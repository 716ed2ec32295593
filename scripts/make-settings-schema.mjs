// Makes schema/serve.schema.json, for editors, from the settings' own schema. Needs the build.
import { writeFileSync } from 'node:fs';
import { jsonSchema } from '../dist/lib/config/index.js';

writeFileSync('schema/serve.schema.json', `${JSON.stringify(jsonSchema(), null, 2)}\n`);
