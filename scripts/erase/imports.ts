import { connectionError, serviceAt } from '../../cli/check/service.ts';
import { SUPPLY_POINTS } from '../../shared/api/operations.ts';
import { mapConcurrently } from '../../shared/map-concurrently.ts';
import { CommandError } from '../command/command.ts';

/** Number of concurrent erasures. Low, because they share the API's throttling limit with the migration. */
const ERASE_CONCURRENCY = 4;
const PAGE_SIZE = 100;

type Listed = { external_identifier: string; status: string };
type Page = { results: Listed[]; next_cursor: string | null };

/** Numbers of deleted imports and supply points, and of imports that are still open. */
export type ErasedImports = { imports: number; supplyPoints: number; open: number };

/** Client for a supplier's imports, with an operator's token. Its methods throw a CommandError if the API does not respond or rejects the request. */
export function importsOf({ url, token, supplier }: { url: string; token: string; supplier: string }) {
  const service = serviceAt(url);
  const send = async (method: string, rest: string, accepted: readonly number[]) => {
    const path = `${SUPPLY_POINTS}/${encodeURIComponent(supplier)}/${rest}`;
    const found = await service({ method, path, authorization: `Token ${token}` }).catch((error: Error) => {
      throw new CommandError(`Nothing responds at ${url} (${connectionError(error)}).`);
    });
    if (accepted.includes(found.status)) return found;
    if (found.status === 401) throw new CommandError('The service rejects the token (401).');
    if (found.status === 403)
      throw new CommandError('The token may not erase: it must be an operator’s (403).');
    if (found.status === 404)
      throw new CommandError(
        `There is no import supplier ${supplier} for the token, or the path is unknown (404).`,
      );
    throw new CommandError(
      `The service returned ${found.status}. The rest is not deleted: run the command again.`,
    );
  };

  async function* pages(): AsyncGenerator<Listed[]> {
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({
        page_size: String(PAGE_SIZE),
        ...(cursor !== null && { cursor }),
      });
      const page: Page = (await send('GET', `?${query}`, [200])).body as Page;
      yield page.results;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  const erase = async (identifier: string): Promise<ErasedImports> => {
    const path = encodeURIComponent(identifier);
    // Cancels a PENDING import first, so its outcome is published. For other statuses the response does not matter.
    await send('POST', `${path}/cancel/`, [200, 404, 409]);
    const { status, body } = await send('DELETE', `${path}/data/`, [200, 409]);
    if (status === 409) return { imports: 0, supplyPoints: 0, open: 1 };
    const { imports, supply_points } = (body as { erased: Record<'imports' | 'supply_points', number> })
      .erased;
    return { imports, supplyPoints: supply_points, open: 0 };
  };

  return {
    /** Returns the number of imports. */
    async count(): Promise<number> {
      let count = 0;
      for await (const page of pages()) count += page.length;
      return count;
    },

    /** Whether the import exists. */
    async has(identifier: string): Promise<boolean> {
      return (await send('GET', `${encodeURIComponent(identifier)}/`, [200, 404])).status === 200;
    },

    erase,

    /** Erases all imports. After an interruption, the next run erases the rest. */
    async eraseAll(): Promise<ErasedImports> {
      const total: ErasedImports = { imports: 0, supplyPoints: 0, open: 0 };
      for await (const page of pages()) {
        await mapConcurrently(page, ERASE_CONCURRENCY, async ({ external_identifier }) => {
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
