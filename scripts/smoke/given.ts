import { randomInt } from 'node:crypto';
import { newTokenKey } from '../../shared/suppliers/tokens.ts';

/** What the checks are made of. */
export type Given = {
  /** `Authorization` headers; undefined: there is no such token. */
  importer: string;
  viewer: string | undefined;
  /** A token that is made like one, and is registered nowhere. */
  unknown: string;
  supplier: string;
  /** A supplier of the token whose migration is not ongoing; undefined: there is none. */
  closedSupplier: string | undefined;
  /** Whether the supplier follows examples/test-supplier-scenarios.json. */
  hasScenarios: boolean;
  /** Identifiers of supply points that there are not yet. */
  identifier: Record<'first' | 'second' | 'dryRun' | 'refused' | 'never', string>;
};

/** Who calls about which suppliers. */
export type Asked = {
  token: string;
  viewerToken: string | undefined;
  supplier: string;
  closedSupplier: string | undefined;
  hasScenarios: boolean;
};

/** Supply point identifiers have capitals and digits without I and O (source: the contract). */
const LETTERS = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** What a run works with: identifiers at random, so that it can be repeated on the same service. */
export function givenFor({ token, viewerToken, supplier, closedSupplier, hasScenarios }: Asked): Given {
  const run = Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  const authorization = (key: string): string => `Token ${key}`;
  return {
    importer: authorization(token),
    viewer: viewerToken === undefined ? undefined : authorization(viewerToken),
    unknown: authorization(newTokenKey()),
    supplier,
    closedSupplier,
    hasScenarios,
    identifier: {
      first: `S${run}1`,
      second: `S${run}2`,
      dryRun: `S${run}3`,
      refused: `S${run}4`,
      never: `S${run}5`,
    },
  };
}
