import { readFileSync } from 'node:fs';

type GuideRequest = {
  payload: { import_supplier: string; supply_point: { identifier: string }; [field: string]: unknown };
  task_params?: Record<string, unknown>;
};

const GUIDE_EXAMPLE = readFileSync(new URL('../../examples/guide-example.json', import.meta.url), 'utf8');

/** The guide's example request, with another identifier, supplier or task parameters where they are given. */
export function guideRequest(
  change: { identifier?: string; supplier?: string; taskParameters?: Record<string, unknown> } = {},
): GuideRequest {
  const request = JSON.parse(GUIDE_EXAMPLE) as GuideRequest;
  if (change.identifier !== undefined) request.payload.supply_point.identifier = change.identifier;
  if (change.supplier !== undefined) request.payload.import_supplier = change.supplier;
  if (change.taskParameters !== undefined) request.task_params = change.taskParameters;
  return request;
}

/** The n-th supply point identifier of a series. */
export const identifierNumber = (number: number): string => String(4_001_000_000 + number);
