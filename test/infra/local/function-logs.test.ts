import { expect, it } from 'vitest';
import { functionLogs } from '../../../infra/local/function-logs.ts';

function reported(act: (logs: ReturnType<typeof functionLogs>) => void): string[] {
  const said: string[] = [];
  act(functionLogs(undefined, (line) => said.push(line)));
  return said;
}
const line = (level: string, name: string, message: string) =>
  Buffer.from(`${JSON.stringify({ level, message: 'message failed', error: { name, message } })}\n`);

it('a failing function is reported once, whether it throws or logs its error', () => {
  const said = reported((logs) => {
    const write = logs.writer('drop-planner');
    write(line('ERROR', 'UnrecognizedClientException', 'The security token\nis invalid.'));
    write(line('ERROR', 'UnrecognizedClientException', 'The security token\nis invalid.'));
    write(line('INFO', 'RetryLater', 'put back'));
    write(Buffer.from('plain "ERROR" text\n{"level":"ERROR"'));
    for (const id of ['0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f', 'ffffffff-0a1b-0a1b-0a1b-0a1b2c3d4e5f'])
      logs.invoked('worker', {
        error: { errorType: 'Sandbox.Timedout', errorMessage: `${id} Task timed out` },
      });
    logs.invoked('worker', { result: null });
  });
  expect(said).toEqual([
    'drop-planner fails: UnrecognizedClientException: The security token is invalid.',
    'worker fails: Sandbox.Timedout: 0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f Task timed out',
  ]);
});
