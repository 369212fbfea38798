import { v5 as uuidv5 } from 'uuid';

/** UUID namespace of the kraken_identifiers, generated once for this service. */
const KRAKEN_IDENTIFIER_NAMESPACE = 'a4c0c9a3-4b0e-4a0e-9d63-0a1f8f0f5d53';

/** Returns the platform's identifier of a supply point. It is derived from the NMI, so a repeated run gets the same one. */
export const krakenIdentifier = (identifier: string): string =>
  uuidv5(identifier, KRAKEN_IDENTIFIER_NAMESPACE);
