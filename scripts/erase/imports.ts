import { mapConcurrently } from '../../shared/map-concurrently.ts';
import { CommandError } from '../command/command.ts';
import { SUPPLY_POINTS } from '../smoke/check.ts';
import { connectionError, serviceAt } from '../smoke/service.ts';

/** Erasures that are asked for at a time: an operator's work must not use up what a migration may ask. */
const ERASURES_AT_ONCE = 4;
const PAGE_SIZE = 100;

type Listed = { external_identifier: string; status: string };
type Page = { results: Listed[]; next_cursor: string | null };

/** What came of erasures: what was deleted, and how many imports are open. */
export type ErasedImports = { imports: number; supplyPoints: number; open: number };

/** A supplier's imports, as an operator's token may list and erase them. */
export function importsOf({ url, token, supplier }: { url: string; token: string; supplier: string }) {
  const service = serviceAt(url);
  const ask = async (method: string, rest: string, accepted: readonly number[]) => {
    const path = `${SUPPLY_POINTS}/${encodeURIComponent(supplier)}/${rest}`;
    const found = await service({ method, path, authorization: `Token ${token}` }).catch((error: Error) => {
      throw new CommandError(`Nothing answers at ${url} (${connectionError(error)}).`);
    });
    if (accepted.includes(found.status)) return found;
    if (found.status === 401) throw new CommandError('The service refuses the token (401).');
    if (found.status === 403)
      throw new CommandError('The token may not erase: it must be an operator’s (403).');
    if (found.status === 404)
      throw new CommandError(
        `There is no import supplier ${supplier} for the token, or the path is unknown (404).`,
      );
    throw new CommandError(
      `The service answers ${found.status}. What was deleted stays deleted: run the command again.`,
    );
  };

  async function* pages(): AsyncGenerator<Listed[]> {
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({
        page_size: String(PAGE_SIZE),
        ...(cursor !== null && { cursor }),
      });
      const page: Page = (await ask('GET', `?${query}`, [200])).body as Page;
      yield page.results;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  const erase = async (identifier: string): Promise<ErasedImports> => {
    const path = encodeURIComponent(identifier);
    // What is PENDING ends first, so that its end is published as any other. Where it is not PENDING, the answer does not matter.
    await ask('POST', `${path}/cancel/`, [200, 404, 409]);
    const { status, body } = await ask('DELETE', `${path}/data/`, [200, 409]);
    if (status === 409) return { imports: 0, supplyPoints: 0, open: 1 };
    const { imports, supply_points } = (body as { erased: Record<'imports' | 'supply_points', number> })
      .erased;
    return { imports, supplyPoints: supply_points, open: 0 };
  };

  return {
    /** How many there are. */
    async count(): Promise<number> {
      let count = 0;
      for await (const page of pages()) count += page.length;
      return count;
    },

    /** Whether this import is there. */
    async has(identifier: string): Promise<boolean> {
      return (await ask('GET', `${encodeURIComponent(identifier)}/`, [200, 404])).status === 200;
    },

    erase,

    /** Erases all. A run that was broken off is finished by the next. */
    async eraseAll(): Promise<ErasedImports> {
      const total: ErasedImports = { imports: 0, supplyPoints: 0, open: 0 };
      for await (const page of pages()) {
        await mapConcurrently(page, ERASURES_AT_ONCE, async ({ external_identifier }) => {
          const { imports, supplyPoints, open } = await erase(external_identifier);
          total.imports += imports;
          total.supplyPoints += supplyPoints;
          total.open += open;
        });
      }
      return total;
    },
  };
}
