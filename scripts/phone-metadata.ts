import { writeFileSync } from 'node:fs';
import metadata from 'libphonenumber-js/max/metadata';
import { main, readArguments } from './command/command.ts';

const TARGET = new URL('../shared/contract/generated/phone-metadata.json', import.meta.url);

/**
 * The text of phone-metadata.json: what libphonenumber-js knows of Australia, with the patterns of each type of number. The
 * Christmas and Cocos Islands share its calling code, but their numbers are not Australia's.
 */
export function phoneMetadata(): string {
  const australia = {
    version: (metadata as unknown as { version: number }).version,
    country_calling_codes: { 61: ['AU'] },
    countries: { AU: metadata.countries.AU },
  };
  return `${JSON.stringify(australia, null, 2)}\n`;
}

const USAGE = `npm run phone-metadata

Writes shared/contract/generated/phone-metadata.json anew from the installed libphonenumber-js.

  --help   prints this`;

if (import.meta.main) {
  await main({
    usage: USAGE,
    read: (args) => readArguments(args, {}),
    run: () => writeFileSync(TARGET, phoneMetadata()),
  });
}
