/**
 * The environment variables of a command that a test starts: without the user's AWS settings, and with Node's compile cache
 * (vitest.config.ts).
 */
export const commandEnvironment = (variables: Record<string, string> = {}): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  ...variables,
});
