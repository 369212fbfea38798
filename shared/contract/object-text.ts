/** What a field means, in plain English, and an example of a valid value. `source`: of its rules, if it is not the object's. */
export type FieldText = { description: string; example?: unknown; source?: string };

/** What an object means, the source of its rules, and its fields. */
export type ObjectText<Field extends string> = {
  description: string;
  source: string;
  fields: Readonly<Record<Field, FieldText>>;
};

/** The sources of rules. */
export const GUIDE = 'Customer Migrations Guide: Supply Point Import';
export const PUBLISHED = 'the field definitions that the platform publishes for another Australian tenant';
export const MARKET = 'aseXML r44, the Australian energy market’s B2B schema';
export const OURS = 'a decision of this replica';
