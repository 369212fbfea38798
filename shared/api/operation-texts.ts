import type { OperationName } from './operations.ts';

/** What each operation is for: a few words, and what they leave out. For the reference and the OpenAPI document; functions do not bundle it. */
export const OPERATION_TEXTS: Readonly<Record<OperationName, { summary: string; description: string }>> = {
  validate: {
    summary: 'Validate a supply point',
    description: 'Returns the normalised data or all errors. Stores nothing. `task_params` are ignored.',
  },
  create: {
    summary: 'Create an import',
    description:
      'Validates the request and schedules the import. Follow it by its status. To send the same request again is safe.',
  },
  status: {
    summary: 'Get an import’s status',
    description: 'PENDING and IN_PROGRESS change; the other statuses are final.',
  },
  list: { summary: 'List a supplier’s imports', description: 'The latest change first, in pages.' },
  counts: {
    summary: 'Count a supplier’s imports by status',
    description:
      'At most five seconds old. The counts are exact once no import is open; until then they may be a little off.',
  },
  activity: {
    summary: 'Get what ended over time',
    description:
      'The imports that ended over the last hour in minutes, the last day in steps of ten minutes, or the last week in hours; or those of a drop, with the rows that were read, from its start to its end. At most five seconds old. An import that was retried counts where it ended last. Workers count those of a drop, so these may be a little off, and cancelled ones are not among them.',
  },
  history: {
    summary: 'Get an import’s history',
    description: 'Its schedule window and its events, oldest first, with their errors.',
  },
  created: {
    summary: 'Get the created supply point',
    description: 'The supply point that the import created, with its accounts and customers: personal data.',
  },
  cancel: {
    summary: 'Cancel an import',
    description: 'Cancels an import that is PENDING. To repeat it is safe.',
  },
  retry: {
    summary: 'Retry an import',
    description:
      'Starts another attempt of an import that ended ERRORED or DRY_RUN_ERRORED. To repeat it is safe.',
  },
  redrive: {
    summary: 'Retry exhausted imports',
    description: 'Retries imports that ended with `import_attempts_exhausted`, up to 200 in a request.',
  },
  erase: {
    summary: 'Erase an import',
    description:
      'Deletes an import that has ended, with its payload and history, and the supply point that it created. This cannot be undone.',
  },
  'drops-list': {
    summary: 'List a supplier’s drops',
    description: 'Dropped files with their states and counts, the newest first, in pages.',
  },
  'drops-create': {
    summary: 'Upload a file',
    description:
      'Returns presigned requests for an upload of exactly this name, size and type. Send the file to `upload`; a file over 100 MiB in the parts of `multipart`.',
  },
  'drops-status': {
    summary: 'Get a drop’s status',
    description: 'Its state, counts, rate, time left and most frequent errors, while it is read, too.',
  },
  'drops-failed-rows': {
    summary: 'List a drop’s failed rows',
    description:
      'In the order of the file, without personal data, with links to download them all. Only operators get the link to the corrected file.',
  },
  'drops-cancel': {
    summary: 'Cancel a drop',
    description: 'Reads no more rows, and cancels the drop’s imports that are PENDING. To repeat it is safe.',
  },
  'scenarios-show': {
    summary: 'Get a supplier’s scenarios',
    description:
      'The rules that make imports fail, take long or be refused, each in words and with an identifier.',
  },
  'scenarios-set': {
    summary: 'Replace a supplier’s scenarios',
    description:
      'Replaces all rules, in environments that allow scenarios. With the `revision` of a response, a change that somebody else made since is not overwritten.',
  },
  'scenarios-clear': {
    summary: 'Remove a supplier’s scenarios',
    description: 'Removes all rules. To repeat it is safe.',
  },
  'suppliers-list': {
    summary: 'List import suppliers',
    description: 'All that are registered, by their codes.',
  },
  'suppliers-add': {
    summary: 'Register an import supplier',
    description: 'A supplier can be closed, but not removed.',
  },
  'suppliers-change': {
    summary: 'Open or close an import supplier',
    description: 'Changes the fields that are sent, and leaves the others. To repeat it is safe.',
  },
  'tokens-list': {
    summary: 'List tokens',
    description:
      'The newest first, without their keys, 200 on a page. Tokens that ended more than 90 days ago are left out.',
  },
  'tokens-create': {
    summary: 'Create a token',
    description:
      'The response has the key, which is shown only once. To repeat the request creates another token.',
  },
  'tokens-rotate': {
    summary: 'Rotate a token',
    description:
      'Creates a token with a new key and the same name, role and suppliers, and ends the old one: at once, or at `old_until`.',
  },
  'tokens-revoke': { summary: 'Revoke a token', description: 'Ends a token at once. To repeat it is safe.' },
  me: {
    summary: 'Get what the token may do',
    description: 'Its role and suppliers, and the environment’s name, time zone and limits.',
  },
  home: {
    summary: 'Get a page of links',
    description: 'A page for people who open the API’s address in a browser.',
  },
  health: {
    summary: 'Check that the API answers',
    description: 'For load balancers and monitors. It reads nothing.',
  },
  openapi: { summary: 'Get the OpenAPI document', description: 'This description, for tools.' },
  docs: { summary: 'Get the reference’s first page', description: 'The reference for people.' },
  console: { summary: 'Get the console', description: 'The console for people, which uses this API.' },
  'console-file': { summary: 'Get a file of the console', description: 'Styles, scripts and data.' },
  'docs-page': {
    summary: 'Get a page or file of the reference',
    description: 'Pages, styles, scripts and downloads.',
  },
};
