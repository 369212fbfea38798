import { UsageError, type Values } from './command.ts';
import { environmentNamed } from './environments.ts';
import { type Service, service } from './service.ts';

/** The service of a command's options. */
export const serviceOf = (values: Values): Service =>
  service(environmentNamed(values['env'] as string | undefined));

/** The import supplier of a command: `--supplier`, or the only one of the token whose migration is open. @throws UsageError if there are several */
export async function supplierOf(api: Service, values: Values): Promise<string> {
  const given = values['supplier'] as string | undefined;
  if (given !== undefined) return given;
  const { suppliers } = await api.get('me');
  const open = suppliers.filter(({ migration }) => migration === 'open');
  const [only, ...others] = open.length > 0 ? open : suppliers;
  if (only !== undefined && others.length === 0) return only.code;
  throw new UsageError(
    only === undefined
      ? 'The token has no import supplier.'
      : `The token has several import suppliers: choose one with --supplier ${open.map(({ code }) => code).join(' or ')}.`,
  );
}

/** The service and the import supplier of a command's options. @throws as {@link supplierOf} */
export async function supplierService(values: Values): Promise<{ api: Service; supplier: string }> {
  const api = serviceOf(values);
  return { api, supplier: await supplierOf(api, values) };
}
