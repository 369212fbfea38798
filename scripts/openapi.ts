import { writeFileSync } from 'node:fs';
import { openApiDocument } from '../shared/api/openapi.ts';
import { main, readArguments } from './command/command.ts';

const USAGE = `npm run openapi -- [--out <file>]

Writes the API's OpenAPI document. The running service has it at /openapi.json.

  --out <file>   where to write it; default openapi.json
  --help         prints this`;

if (import.meta.main) {
  await main({
    usage: USAGE,
    read: (args) =>
      readArguments(args, { options: { out: { type: 'string', default: 'openapi.json' } } }).values.out,
    run: (out) => {
      writeFileSync(out, `${JSON.stringify(openApiDocument(), null, 2)}\n`);
      console.log(`wrote ${out}`);
    },
  });
}
