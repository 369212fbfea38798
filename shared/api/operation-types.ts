import type * as v from 'valibot';
import type { OPERATIONS, OperationName } from './operations.ts';
import type { QUERY, QueryName } from './parameters.ts';
import type { SCHEMAS } from './schemas.ts';

/** The types of an operation's parameters and bodies, for clients. They come from the table of operations and the schemas of the OpenAPI document. */

type OperationOf<Name extends OperationName> = (typeof OPERATIONS)[Name];

type NamesIn<Path extends string> = Path extends `${string}{${infer Parameter}}${infer Rest}`
  ? (Parameter extends `${infer Name}+` ? Name : Parameter) | NamesIn<Rest>
  : never;

/** The path parameters of an operation, unescaped. */
export type ParametersOf<Name extends OperationName> = Readonly<
  Record<NamesIn<OperationOf<Name>['path']>, string>
>;

type QueryNameOf<Name extends OperationName> =
  OperationOf<Name> extends { query: readonly (infer Parameter extends QueryName)[] } ? Parameter : never;

/** The query parameters of an operation. Undefined ones are left out. */
export type QueryOf<Name extends OperationName> = {
  readonly [Parameter in QueryNameOf<Name>]?: v.InferInput<(typeof QUERY)[Parameter]['schema']> | undefined;
};

/** The body that an operation takes; undefined if it takes none. */
export type RequestOf<Name extends OperationName> =
  OperationOf<Name> extends { request: infer Schema extends keyof typeof SCHEMAS }
    ? Sent<(typeof SCHEMAS)[Schema]>
    : undefined;

/** The body of an operation's successful response; text if it is not JSON. */
export type ResultOf<Name extends OperationName> =
  Extract<
    OperationOf<Name>['responses'][keyof OperationOf<Name>['responses']],
    keyof typeof SCHEMAS
  > extends infer Schema extends keyof typeof SCHEMAS
    ? v.InferOutput<(typeof SCHEMAS)[Schema]>
    : string;

/** What a schema's value may be sent as. The contract's fields take anything at first, so their types come from what they become. */
type Sent<Schema> = Schema extends { readonly type: 'optional'; readonly wrapped: infer Wrapped }
  ? Sent<Wrapped>
  : Schema extends { readonly type: 'nullable'; readonly wrapped: infer Wrapped }
    ? Sent<Wrapped> | null
    : Schema extends { readonly pipe: infer Pipe extends readonly unknown[] }
      ? SentPipe<Schema, Extract<Pipe[number], { readonly type: 'object' | 'array' }>>
      : SentPlain<Schema>;

/** The contract's objects and lists are the one step of this type in a pipe. */
type SentPipe<Schema, Step> = [Step] extends [never]
  ? SentPlain<Schema>
  : [Step] extends [{ readonly type: 'object'; readonly entries: infer Entries }]
    ? SentObject<Entries>
    : [Step] extends [{ readonly type: 'array'; readonly item: infer Item }]
      ? Sent<Item>[]
      : SentPlain<Schema>;

type SentPlain<Schema> = Schema extends v.GenericSchema
  ? unknown extends v.InferInput<Schema>
    ? SentValue<v.InferOutput<Schema>>
    : v.InferInput<Schema>
  : never;

type OptionalName<Entries> = {
  [Name in keyof Entries]: Entries[Name] extends { readonly type: 'optional' } ? Name : never;
}[keyof Entries];

type SentObject<Entries> = {
  [Name in Exclude<keyof Entries, OptionalName<Entries>>]: Sent<Entries[Name]>;
} & { [Name in OptionalName<Entries>]?: Sent<Entries[Name]> };

/** Integers may be text. Times become numbers, and are sent as text. */
type SentValue<Value> = Value extends string | boolean ? Value : number | string;
