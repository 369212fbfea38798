import type { MeBody } from '../../shared/api/schemas.ts';

const INCLUDED: Readonly<Record<'read' | 'import' | 'operate', readonly MeBody['role'][]>> = {
  read: ['viewer', 'importer', 'operator'],
  import: ['importer', 'operator'],
  operate: ['operator'],
};

/** Whether the token permits something: buttons that would be refused are not shown. The service decides by itself (shared/suppliers/tokens.ts). */
export const permits = ({ role }: MeBody, permission: keyof typeof INCLUDED): boolean =>
  INCLUDED[permission].includes(role);
