// Reads a JSON list of diagrams from standard input, and prints for each what Mermaid's own parser makes of it: its kind, or the error.
import mermaid from 'mermaid';

const pieces = [];
for await (const piece of process.stdin) pieces.push(piece);
const found = [];
for (const text of JSON.parse(Buffer.concat(pieces).toString('utf8'))) {
  try {
    const { diagramType, config } = await mermaid.parse(text);
    found.push(Object.keys(config ?? {}).length === 0 ? diagramType : `${diagramType}, and settings ${JSON.stringify(config)}`);
  } catch (error) {
    found.push(String(error.message));
  }
}
process.stdout.write(JSON.stringify(found));
