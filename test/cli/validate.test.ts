import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { builtCli } from '../support/cli.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

// biome-ignore lint/suspicious/noExplicitAny: parts of requests
type Json = any;

const cli = await builtCli();
afterAll(() => cli.remove());

const write = (name: string, content: string | Buffer): string => {
  writeFileSync(join(cli.folder, name), content);
  return name;
};
const row = (change: Record<string, unknown> = {}, number = 0): string =>
  JSON.stringify({ ...guideRequest({ identifier: identifierNumber(number) }).payload, ...change });
const account = guideRequest().payload['accounts'] as object[];
const wrongAccount = { accounts: [{ ...account[0], account_type: 'DOMESTC' }] };
const HEADER = 'import_supplier,supply_point.identifier,supply_point.supply_type';
const CSV = `${HEADER}\nTEST_SUPPLIER,4001248601,ELECTRICITY_DISTRIBUTION\n`;

describe('validate', () => {
  it('groups errors by field and rule, with counts, first lines and the nearest codes', async () => {
    const rows = [row(wrongAccount), row({}, 1), row(wrongAccount, 2), row({ import_supplier: '' }, 3)];
    const { exitCode, lines } = await cli.run(['validate', write('wrong.ndjson', rows.join('\n'))]);
    expect(exitCode).toBe(3);
    expect(lines[0]).toMatchObject({
      error: 'accounts.*.account_type: "DOMESTC" is not a valid choice.',
      rows: 2,
      lines: [1, 3],
      file: 'wrong.ndjson',
      remedy: 'Send one of the listed codes. Upper and lower case matter, and so does white space.',
    });
    expect(lines[0].near[0].codes[0]).toBe('DOMESTIC (Domestic)');
    expect(lines.at(-1)).toMatchObject({ rows: 4, valid: 1, invalid: 3 });
  });

  it('lists the wrong codes of a field with the valid ones that come close', async () => {
    const rows = ['RAOD', 'STRET', 'RAOD'].map((street_type, index) => {
      const request = guideRequest({ identifier: identifierNumber(index) });
      const [first] = request.payload['accounts'] as Json[];
      first.outage_contact.postal_address.structured_street_address.street_type = street_type;
      return JSON.stringify(request);
    });
    const { lines } = await cli.run(['validate', write('streets.ndjson', rows.join('\n'))]);
    expect(lines[0].error).toMatch(/street_type: … is not a valid choice\.$/);
    expect(lines[0].near).toMatchObject([
      { sent: 'RAOD', rows: 2 },
      { sent: 'STRET', rows: 1 },
    ]);
    expect(lines[0].near[0].codes[0]).toBe('RD (Road)');
  });

  it('estimates how long the import of the valid rows takes and what it costs', async () => {
    const { lines } = await cli.run([
      'validate',
      '--estimate',
      write('estimate.ndjson', `${row()}\n${row({}, 1)}\n${row({ import_supplier: '' }, 2)}`),
    ]);
    expect(lines.slice(-2)).toMatchObject([
      { by: 'import', rows: 2, seconds: 1 },
      { by: 'drop', rows: 2, seconds: 1 },
    ]);
  });

  it.each([
    ['NDJSON', 'failing.ndjson', `${row()}\n${row({ import_supplier: '' }, 1)}\n`],
    ['JSON', 'failing.json', `[${row()}, ${row({ import_supplier: '' }, 1)}]`],
    ['gzip', 'failing.ndjson.gz', gzipSync(`${row()}\n${row({ import_supplier: '' }, 1)}\n`)],
  ])('writes the failed rows of %s as they were sent', async (_, name, content) => {
    const result = await cli.run(['validate', write(name, content), '--out', `out-${name}`]);
    expect(result).toMatchObject({ exitCode: 3, stderr: `out-${name} has 1 failed rows.\n` });
    const bytes = readFileSync(join(cli.folder, `out-${name}`));
    const text = String(name.endsWith('.gz') ? gunzipSync(bytes) : bytes);
    expect([JSON.parse(text)].flat()).toEqual([JSON.parse(row({ import_supplier: '' }, 1))]);
    // The copy fails for the same reason.
    expect((await cli.run(['validate', `out-${name}`])).lines.at(-1)).toMatchObject({ rows: 1, invalid: 1 });
  });

  it('writes the failed rows of CSV with their errors in a last column', async () => {
    const name = write('failing.csv', `${CSV}TEST_SUPPLIER,4001248602,GAS\n`);
    expect((await cli.run(['validate', name, '--out', 'failed.csv'])).exitCode).toBe(3);
    expect(readFileSync(join(cli.folder, 'failed.csv'), 'utf8')).toBe(
      `${HEADER},import_errors\r\nTEST_SUPPLIER,4001248602,GAS,"supply_point.supply_type: ""GAS"" is not a valid choice."\r\n`,
    );
    expect(readdirSync(cli.folder).filter((file) => file.includes('failures'))).toEqual([]);
    const again = await cli.run(['validate', name, '--out', 'failed.csv']);
    expect([again.exitCode, again.lines[0].error]).toEqual([1, 'failed.csv exists. Nothing was done.']);
  });

  it('leaves no file of failed rows without failures, of another format, of standard input, or on a full disk', async () => {
    const good = write('no-failures.csv', CSV);
    expect((await cli.run(['validate', good, '--out', 'none-failed.csv'])).exitCode).toBe(0);
    expect((await cli.run(['validate', good, '--out', 'none-failed.json'])).exitCode).toBe(2);
    const piped = await cli.run(['validate', '-', '--format', 'csv', '--out', 'none-failed.csv'], {
      input: CSV,
    });
    expect([piped.exitCode, piped.lines[0].error]).toEqual([
      2,
      expect.stringContaining('--out reads the file twice'),
    ]);
    const rows = Array.from({ length: 200 }, (_, index) => row({ import_supplier: '' }, index));
    const many = write('many.ndjson', rows.join('\n'));
    // A limit of 16 blocks of 1024 bytes for each file.
    const full = spawnSync(
      'bash',
      [
        '-c',
        `ulimit -f 16; exec "$@"`,
        '-',
        process.execPath,
        cli.file,
        'validate',
        many,
        '--out',
        'none-failed.ndjson',
      ],
      { cwd: cli.folder, encoding: 'utf8' },
    );
    expect([full.status, full.stdout]).toEqual([
      1,
      expect.stringMatching(/none-failed\.ndjson could not be written: E.*It was removed\./),
    ]);
    expect(readdirSync(cli.folder).filter((file) => file.includes('none-failed'))).toEqual([]);
  });

  it.each([
    ['NDJSON', 'good.ndjson', `${row()}\n${row({}, 1)}\n`],
    ['a JSON array', 'good.json', `[${row()},${row({}, 1)}]`],
    ['gzip', 'good.ndjson.gz', gzipSync(`${row()}\n${row({}, 1)}\n`)],
    [
      'CSV with semicolons, a byte order mark and CRLF',
      'good.csv',
      `\ufeff${CSV.replaceAll(',', ';').replaceAll('\n', '\r\n')}`,
    ],
    ['CSV with tabs in UTF-16', 'wide.csv', Buffer.from(`\ufeff${CSV.replaceAll(',', '\t')}`, 'utf16le')],
  ])('reads %s', async (_, name, content) => {
    const { exitCode, lines } = await cli.run(['validate', write(name, content)]);
    expect(lines.at(-1)).toMatchObject({ invalid: 0 });
    expect(lines.at(-1).valid).toBeGreaterThan(0);
    expect(exitCode).toBe(0);
  });

  it('reads standard input, and several files', async () => {
    const piped = await cli.run(['validate', '-', '--format', 'ndjson.gz'], { input: gzipSync(row()) });
    expect([piped.exitCode, piped.lines.at(-1).valid]).toEqual([0, 1]);
    const { lines } = await cli.run(['validate', write('one.ndjson', row()), write('two.ndjson', row())]);
    expect(lines.at(-1)).toMatchObject({ rows: 2, valid: 2 });
  });

  it('accepts only the suppliers that are given', async () => {
    const file = write('supplier.ndjson', row());
    expect((await cli.run(['validate', file, '--supplier', 'OTHER'])).lines[0].error).toContain(
      'import_supplier',
    );
    expect(
      (await cli.run(['validate', file, '--supplier', 'OTHER', '--supplier', 'TEST_SUPPLIER'])).exitCode,
    ).toBe(0);
  });

  it.each([
    ['a file that does not exist', ['none.csv'], 1, 'There is no file none.csv. Nothing was done.'],
    [
      'an unknown format',
      ['file.txt'],
      2,
      'The format of file.txt is unknown: give --format ndjson, json or csv.',
    ],
    [
      'a spreadsheet by its name',
      ['file.xlsx'],
      1,
      'file.xlsx is a spreadsheet, which is not read. Export it as CSV UTF-8',
    ],
    ['an unknown option', ['--fast', 'a.csv'], 2, "Unknown option '--fast'"],
    ['no file', [], 2, 'validate needs FILE…'],
  ])('reports %s in one line', async (_, args, exitCode, message) => {
    const result = await cli.run(['validate', ...args]);
    expect(result.exitCode).toBe(exitCode);
    expect(result.lines).toEqual([{ error: expect.stringContaining(message) }]);
    expect(result.stderr.split('\n').filter(Boolean)).toHaveLength(1);
  });

  it('recognizes a spreadsheet by its content', async () => {
    const { lines, exitCode } = await cli.run([
      'validate',
      write('renamed.csv', Buffer.from('PK\u0003\u0004rest')),
    ]);
    expect([exitCode, lines[0].error]).toEqual([
      1,
      expect.stringContaining('It is a spreadsheet. Export it as CSV UTF-8'),
    ]);
  });

  it('names wrong columns with the nearest right ones', async () => {
    const { lines, exitCode } = await cli.run([
      'validate',
      write('columns.csv', CSV.replace('supply_type', 'suply_type')),
    ]);
    expect([exitCode, lines[0].error]).toEqual([
      1,
      expect.stringContaining('supply_point.suply_type (supply_point.supply_type?)'),
    ]);
  });

  it('reports a half-written file after the rows that were read', async () => {
    const { exitCode, lines } = await cli.run([
      'validate',
      write('half.ndjson', `${row()}\n${row().slice(0, 100)}`),
    ]);
    expect(exitCode).toBe(3);
    expect(lines.at(-1)).toMatchObject({ rows: 2, valid: 1, invalid: 1 });
  });
});

describe('the built file', () => {
  it('is at most 60 kB compressed', () => {
    expect(gzipSync(readFileSync(cli.file), { level: 9 }).byteLength).toBeLessThanOrEqual(60_000);
    expect(statSync(cli.file).mode & 0o111).toBe(0o111);
  });

  it('prints the help of each command', async () => {
    const { stdout } = await cli.run(['--help']);
    const names = [...stdout.matchAll(/^ {2}([a-z]+(?:[ -][a-z-]+)*) {2}/gm)].map(([, name]) => name!);
    expect(names).toEqual(expect.arrayContaining(['validate', 'drop-status', 'token create']));
    for (const name of names) {
      const help = await cli.run([...name.split(' '), '--help']);
      expect([help.exitCode, help.stdout]).toEqual([0, expect.stringContaining(`supply-points ${name}`)]);
    }
  });

  it.each([[[]], [['bogus']]])('exits with 2 for %j', async (args) => {
    expect((await cli.run(args)).exitCode).toBe(2);
  });
});
