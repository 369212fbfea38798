// `npm run cost`: measures what an import and a dropped row consume on a local host, and estimates their cost in AWS.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENVIRONMENT_NAMES } from '../infra/environments.ts';
import { buildApp } from '../infra/synthesize.ts';
import { main, readArguments, wholeNumber } from './command/command.ts';
import { idleCosts, idleTable, resourcesIn } from './cost/idle.ts';
import { measure } from './cost/measure.ts';
import { GOALS, type Report, reportOn } from './cost/report.ts';
import { templateFacts } from './cost/template-facts.ts';

const USAGE = `npm run cost [-- options]

Runs imports by the endpoint and by a drop on a local host in memory, and prints what one consumes, the dollars for a million at the
public prices, and the monthly cost of each environment without requests. It takes a minute or two. Exit code 1 if an import
consumes more than ${GOALS.writeUnits} write units, ${GOALS.readUnits} read units or ${GOALS.logMegabytes} MB of log.

  --imports N   imports by the endpoint (50)
  --rows N      rows of the drop (500)
  --at-once N   concurrent requests for imports (1); with more, SQS and the worker handle messages in batches
  --help        prints this`;

const ENVIRONMENT = 'dev';
const COUNT_MAX = 100_000;

/** Returns a table of each environment's monthly cost without requests, from its template. */
function idleText(folder: string): string {
  const environments = ENVIRONMENT_NAMES.map((environment) => {
    const outdir = join(folder, environment);
    buildApp({ environment, outdir }).synth();
    return [environment, idleCosts(resourcesIn(outdir))] as const;
  });
  return `Dollars a month without a request (how many there are):\n\n${idleTable(Object.fromEntries(environments))}`;
}

/** Measures in a temporary folder, which it deletes afterwards. */
async function cost(times: { imports: number; rows: number; atOnce: number }): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-cost-'));
  try {
    // Skips the CDK's validation, which tests and deployments run.
    process.env['CDK_VALIDATION'] ??= 'false';
    const idleCostText = idleText(folder);
    const assembly = join(folder, ENVIRONMENT);
    const stackName = `supply-point-import-${ENVIRONMENT}`;
    const facts = templateFacts(assembly, stackName);
    const report = reportOn(await measure({ assembly, stackName, facts, ...times }), times, facts);
    return { ...report, text: `${report.text}\n\n${idleCostText}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  await main({
    usage: USAGE,
    read: (args) => {
      const options = {
        imports: { type: 'string', default: '50' },
        rows: { type: 'string', default: '500' },
        'at-once': { type: 'string', default: '1' },
      } as const;
      const { imports, rows, 'at-once': atOnce } = readArguments(args, { options }).values;
      return {
        imports: wholeNumber('--imports', imports, 1, COUNT_MAX),
        rows: wholeNumber('--rows', rows, 1, COUNT_MAX),
        atOnce: wholeNumber('--at-once', atOnce, 1, 200),
      };
    },
    run: async (times) => {
      const report = await cost(times);
      console.log(report.text);
      if (!report.isMet) process.exitCode = 1;
    },
  });
}
