import type { ImportError, ImportStatus } from '../../shared/imports/model/import-process.ts';

/** Which imports are meant. Undefined: any. */
export type ImportFilter = {
  status: ImportStatus | undefined;
  code: string | undefined;
  drop: string | undefined;
};

/** Whether an import is one that the filter means. */
export const matches = (
  { status, latest_error }: { status: ImportStatus; latest_error: ImportError | null },
  filter: ImportFilter,
): boolean =>
  (filter.status === undefined || status === filter.status) &&
  (filter.code === undefined || latest_error?.code === filter.code);
