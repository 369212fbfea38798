import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { main, WrongUse } from './command/command.ts';
import { broken } from './make-drop/formats.ts';
import { type DropOptions, formatOf, readOptions, USAGE } from './make-drop/options.ts';
import { randomOf } from './make-drop/random.ts';
import { requestFor } from './make-drop/request.ts';
import { spoil } from './make-drop/spoil.ts';

/** What reading a made file should find. Lines are 1-based, where the row begins. */
export type Expected = { rows: number; valid: number; invalid: number; invalidLines: number[] };

const ROWS_AT_A_TIME = 100;
const BROKEN_SHARE = 0.08;

/** Makes a file of supply points to drop, and beside it `<out>.expected.json`, which says what is in it. */
export async function makeDrop(options: DropOptions): Promise<Expected> {
  const expected: Expected = { rows: options.rows, valid: 0, invalid: 0, invalidLines: [] };
  const texts = Readable.from(inParts(dropTexts(options, expected)));
  const file = createWriteStream(options.out);
  if (formatOf(options.out)!.isGzip) await pipeline(texts, createGzip(), file);
  else await pipeline(texts, file);
  await writeFile(`${options.out}.expected.json`, `${JSON.stringify(expected)}\n`);
  return expected;
}

/** The file's texts, one for each row with what is before it; `expected` is filled as they are made. */
export function* dropTexts(options: DropOptions, expected: Expected): Generator<string> {
  const { format } = formatOf(options.out)!;
  const random = randomOf(options.seed);
  const invalidTotal = Math.round(options.rows * options.invalid);
  let line = 1;
  for (let index = 0; index < options.rows; index += 1) {
    const before = index === 0 ? format.begin : format.between;
    line += newlinesIn(before);
    // Among the rows that are left, those that are still to be invalid are as likely at each: in the end
    // there are exactly as many.
    const isInvalid = random.chance((invalidTotal - expected.invalid) / (options.rows - index));
    const request = requestFor(random, String(options.first + index), options.supplier);
    const isBroken = isInvalid && format.isJson && random.chance(BROKEN_SHARE);
    if (isInvalid && !isBroken) spoil(request, random, format.isJson);
    const text = format.text(request);
    if (isInvalid) expected.invalidLines.push(line);
    expected[isInvalid ? 'invalid' : 'valid'] += 1;
    line += newlinesIn(text);
    yield before + (isBroken ? broken(text, random) : text);
  }
  yield options.rows === 0 ? format.begin + format.end.trimStart() : format.end;
}

const newlinesIn = (text: string): number => text.split('\n').length - 1;

/** Joins texts, since a stream's every item costs. */
function* inParts(texts: Iterable<string>): Generator<string> {
  let part: string[] = [];
  for (const text of texts) {
    part.push(text);
    if (part.length < ROWS_AT_A_TIME) continue;
    yield part.join('');
    part = [];
  }
  yield part.join('');
}

if (import.meta.main) {
  await main({
    usage: USAGE,
    read: readOptions,
    run: async (options) => {
      const { rows, valid, invalid } = await makeDrop(options).catch(ofFiles);
      console.log(`${rows} rows: ${valid} valid, ${invalid} invalid.`);
    },
  });
}

/** A folder that is not there, for example, is for whoever typed its name. */
function ofFiles(error: Error): never {
  throw 'syscall' in error ? new WrongUse(error.message) : error;
}
