import type { ParametersOf, QueryOf, RequestOf, ResultOf } from '../../shared/api/operation-types.ts';
import { OPERATIONS, type OperationName, pathOf } from '../../shared/api/operations.ts';
import { send, type TestHost } from './host.ts';

type Options<Name extends OperationName> = (keyof ParametersOf<Name> extends never
  ? { parameters?: undefined }
  : { parameters: ParametersOf<Name> }) &
  (RequestOf<Name> extends undefined ? { request?: undefined } : { request: RequestOf<Name> }) & {
    query?: QueryOf<Name>;
  };

/** A client of a host whose types come from the OpenAPI document's sources. Its calls throw for responses other than 2xx. */
export function typedClient(host: TestHost, token: string) {
  return async <Name extends OperationName>(name: Name, options: Options<Name>): Promise<ResultOf<Name>> => {
    const { parameters = {}, request, query = {} } = options as Options<OperationName>;
    const search = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
    );
    const path = `${pathOf(name, parameters)}${search.size > 0 ? `?${search}` : ''}`;
    const { status, body, text } = await send(host, OPERATIONS[name].method, path, {
      token,
      ...(request !== undefined && { json: request }),
    });
    if (status >= 300) throw new Error(`${name}: ${status} ${text}`);
    return body as ResultOf<Name>;
  };
}
