import { randomInt } from 'node:crypto';
import { newTokenKey } from '../../shared/suppliers/tokens.ts';

/** The tokens, suppliers and identifiers that the checks use. */
export type CheckInputs = {
  /** `Authorization` headers; undefined without such a token. */
  importer: string;
  viewer: string | undefined;
  /** A well-formed token that is not registered. */
  unknown: string;
  supplier: string;
  /** A supplier whose migration is closed; undefined without such a supplier. */
  closedSupplier: string | undefined;
  /** Whether the supplier follows examples/test-supplier-scenarios.json. */
  hasScenarios: boolean;
  /** Identifiers of supply points that do not exist yet. */
  identifier: Record<'first' | 'second' | 'dryRun' | 'rejected' | 'never', string>;
};

/** The command's options for tokens and suppliers. */
export type CallerOptions = {
  token: string;
  viewerToken: string | undefined;
  supplier: string;
  closedSupplier: string | undefined;
  hasScenarios: boolean;
};

/** Supply point identifiers have capitals and digits without I and O (source: the contract). */
const LETTERS = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** Adds random identifiers: the checks can run again on the same service. */
export function checkInputs({
  token,
  viewerToken,
  supplier,
  closedSupplier,
  hasScenarios,
}: CallerOptions): CheckInputs {
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
      rejected: `S${run}4`,
      never: `S${run}5`,
    },
  };
}
