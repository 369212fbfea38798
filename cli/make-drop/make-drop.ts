import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { breakJson, FORMATS } from './formats.ts';
import { makeInvalid } from './make-invalid.ts';
import { randomOf } from './random.ts';
import { requestFor } from './request.ts';

/** The options of the file to make. */
export type DropOptions = {
  rows: number;
  /** The share of rows that are invalid, from 0 to 1. */
  invalid: number;
  seed: number;
  /** The first row's identifier. The others follow it. */
  first: number;
  supplier: string;
  /** A path with the format's ending: .ndjson, .jsonl, .json or .csv, each also with .gz. */
  out: string;
};

/** The expected result of reading a made file. A row's line is 1-based: the line on which it begins. */
export type Expected = { rows: number; valid: number; invalid: number; invalidLines: number[] };

const ROWS_AT_A_TIME = 100;
const BROKEN_SHARE = 0.08;

/** Makes a drop file, and `<out>.expected.json` with its expected result. */
export async function makeDrop(options: DropOptions): Promise<Expected> {
  const expected: Expected = { rows: options.rows, valid: 0, invalid: 0, invalidLines: [] };
  const texts = Readable.from(joined(dropTexts(options, expected)));
  const file = createWriteStream(options.out);
  if (formatOf(options.out)!.isGzip) await pipeline(texts, createGzip(), file);
  else await pipeline(texts, file);
  await writeFile(`${options.out}.expected.json`, `${JSON.stringify(expected)}\n`);
  return expected;
}

/** The file's parts: each row with the separator before it. Fills `expected` as it goes. */
export function* dropTexts(options: DropOptions, expected: Expected): Generator<string> {
  const { format } = formatOf(options.out)!;
  const random = randomOf(options.seed);
  const invalidTotal = Math.round(options.rows * options.invalid);
  let line = 1;
  for (let index = 0; index < options.rows; index += 1) {
    const before = index === 0 ? format.begin : format.between;
    line += newlinesIn(before);
    // Selection sampling: exactly invalidTotal rows become invalid, each row with the same probability.
    const isInvalid = random.chance((invalidTotal - expected.invalid) / (options.rows - index));
    const request = requestFor(random, String(options.first + index), options.supplier);
    const isBroken = isInvalid && format.isJson && random.chance(BROKEN_SHARE);
    if (isInvalid && !isBroken) makeInvalid(request, random, format.isJson);
    const text = format.text(request);
    if (isInvalid) expected.invalidLines.push(line);
    expected[isInvalid ? 'invalid' : 'valid'] += 1;
    line += newlinesIn(text);
    yield before + (isBroken ? breakJson(text, random) : text);
  }
  yield options.rows === 0 ? format.begin + format.end.trimStart() : format.end;
}

const newlinesIn = (text: string): number => text.split('\n').length - 1;

/** Joins texts into fewer, larger ones: each item of a stream has a cost. */
function* joined(texts: Iterable<string>): Generator<string> {
  let part: string[] = [];
  for (const text of texts) {
    part.push(text);
    if (part.length < ROWS_AT_A_TIME) continue;
    yield part.join('');
    part = [];
  }
  yield part.join('');
}

/** The format of a path's ending, and whether the file is compressed; undefined for an unknown ending. */
export function formatOf(path: string) {
  const [, ending = '', gz] = /\.([a-z]+)(\.gz)?$/.exec(path) ?? [];
  const format = Object.hasOwn(FORMATS, ending) ? FORMATS[ending] : undefined;
  return format === undefined ? undefined : { format, isGzip: gz !== undefined };
}
