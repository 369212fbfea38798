// `npm run environments`: the environments of infra/environments.ts, in the order in which the pipeline deploys them.
import { ENVIRONMENT_NAMES, environmentNamed } from '../infra/environments.ts';
import { main, readArguments } from './command/command.ts';

const USAGE = `npm run environments [-- options]

Prints the names of the environments, in the order in which the pipeline deploys them.

  --json   prints what the pipeline needs to know of each, as JSON in one line
  --help   prints this`;

/** What the pipeline needs to know of an environment. */
export type PipelineEnvironment = {
  name: string;
  /** The options of its smoke test: where the data is real, the test creates nothing. */
  smokeOptions: string;
};

/** Every environment, in the order of the rows. */
export const pipelineEnvironments = (): PipelineEnvironment[] =>
  ENVIRONMENT_NAMES.map((name) => ({
    name,
    smokeOptions: environmentNamed(name).scenariosAllowed ? '' : '--creates-nothing',
  }));

if (import.meta.main) {
  await main({
    usage: USAGE,
    read: (args) => readArguments(args, { options: { json: { type: 'boolean', default: false } } }).values,
    run: ({ json }) =>
      console.log(json ? JSON.stringify(pipelineEnvironments()) : ENVIRONMENT_NAMES.join('\n')),
  });
}
