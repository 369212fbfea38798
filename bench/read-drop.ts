import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { appendFile, copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeDrop } from '../cli/make-drop/make-drop.ts';
import { main, readRows } from '../scripts/command/command.ts';
import { ignoredFields } from '../shared/contract/ignored-fields.ts';
import { validateCreateRequest } from '../shared/contract/request.ts';
import { openedAt, readRange } from '../shared/drops/formats/ndjson.ts';
import { type DropRow, requestOf } from '../shared/drops/formats/row.ts';
import { type RowOutcome, Tally } from '../shared/drops/reporting/tally.ts';

const USAGE = `npm run bench:read-drop [-- rows]

Prints the rows of a drop that one thread reads, parses, validates and counts a second, in ranges as in AWS, and the peak memory
for a file of one gibibyte.

  rows     the number of rows in the measured file (100000); the large file repeats this one
  --help   prints this`;
const MIB = 1024 * 1024;
const RANGE_BYTES = 8 * MIB;
const LARGE_FILE_BYTES = 1024 * MIB;
const suppliers = new Map([['TEST_SUPPLIER', 'open' as const]]);

/** The environment variable with the file that a child process of this script reads. */
const FILE_VARIABLE = 'BENCH_READ_DROP_FILE';

const file = process.env[FILE_VARIABLE];
if (file === undefined) {
  await main({ usage: USAGE, read: (args) => readRows(args, 100_000), run: measure });
} else {
  const { rows } = await readFile(file);
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(`${rows} rows, peak memory ${peak.toFixed(0)} MiB`);
}

async function measure(rowCount: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'read-drop-'));
  try {
    const path = join(folder, 'drop.ndjson');
    const options = {
      rows: rowCount,
      invalid: 0.02,
      seed: 7,
      first: 4_001_000_000,
      supplier: 'TEST_SUPPLIER',
    };
    const { invalid } = await makeDrop({ ...options, out: path });
    const bytes = statSync(path).size;
    console.log(`${rowCount} rows of ${Math.round(bytes / rowCount)} bytes, ${invalid} of them invalid`);
    for (const round of ['warm-up', 'run 1', 'run 2', 'run 3']) console.log(`${round}: ${await timed(path)}`);

    const large = join(folder, 'large.ndjson');
    await copyFile(path, large);
    for (let size = bytes; size < LARGE_FILE_BYTES; size += bytes) {
      await pipeline(createReadStream(path), (chunks) => appendFile(large, chunks));
    }
    console.log(`a file of ${Math.round(statSync(large).size / MIB)} MiB, in separate processes:`);
    // Most of the memory is garbage that V8 has not collected yet. A smaller semi-space lets it collect earlier.
    for (const options of [[], ['--max-semi-space-size=16']]) {
      const args = [...options, import.meta.filename];
      const env = { ...process.env, [FILE_VARIABLE]: large };
      const output = execFileSync(process.execPath, args, { encoding: 'utf8', env }).trim();
      console.log(`node ${options.join(' ')}: ${output}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Measures wall-clock time and processor time. Other load on the machine does not affect the latter. */
async function timed(path: string): Promise<string> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const { rows, invalid } = await readFile(path);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const rate = (of: number): string => Math.round(rows / of).toLocaleString('en');
  return `${rate(seconds)} rows/s, ${rate((user + system) / 1e6)} per second of processor time; ${invalid} invalid`;
}

async function readFile(path: string): Promise<{ rows: number; invalid: number }> {
  const size = statSync(path).size;
  const tally = new Tally();
  for (let start = 0; start < size; start += RANGE_BYTES) {
    const range = { start, end: Math.min(start + RANGE_BYTES, size) };
    const chunks = createReadStream(path, { start: openedAt(range) });
    for await (const { rows } of readRange(chunks, range)) {
      const now = Date.now();
      for (const row of rows) {
        tally.add(row.line, outcomeOf(row, now));
        if ('body' in row) tally.addIgnored(row.line, ignoredFields(requestOf(row.body)));
      }
    }
  }
  return tally.counts;
}

function outcomeOf(row: DropRow, now: number): RowOutcome {
  if ('errors' in row) return { kind: 'invalid', errors: row.errors };
  const checked = validateCreateRequest(requestOf(row.body), suppliers, now);
  return checked.valid
    ? { kind: 'accepted', identifier: checked.data.payload.supply_point.identifier }
    : { kind: 'invalid', errors: checked.errors };
}
