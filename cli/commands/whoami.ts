import { type Command, EXIT, SERVICE_OPTIONS } from '../command.ts';
import { serviceOf } from '../supplier.ts';

/** `supply-points whoami` */
export const whoami: Command = {
  name: 'whoami',
  summary: 'Shows the token’s role, its import suppliers, and the environment’s limits.',
  options: SERVICE_OPTIONS,
  async run({ values, terminal }) {
    const api = serviceOf(values);
    const me = await api.get('me');
    const expires = me.token?.expires_at === null ? 'does not expire' : `expires ${me.token?.expires_at}`;
    terminal.data(
      me,
      `${api.host} (${me.environment.name}): ${me.role}${me.token === null ? '' : `, token "${me.token.name}", ${expires}`}`,
    );
    if (!terminal.isJson) {
      terminal.table(me.suppliers, ['code', 'migration']);
      terminal.note('next: supply-points validate FILE');
    }
    return EXIT.ok;
  },
};
