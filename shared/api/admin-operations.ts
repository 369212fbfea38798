import type { Operation } from './operations.ts';

const SUPPLIERS = '/admin/suppliers';
const TOKENS = '/admin/tokens';
const TOKEN = `${TOKENS}/{token}`;

/** The operations that administer import suppliers and tokens: a part of the table of operations (operations.ts). */
export const ADMIN_OPERATIONS = {
  'suppliers-list': {
    method: 'GET',
    path: SUPPLIERS,
    access: 'administer',
    function: 'admin-suppliers',
    responses: { 200: 'SupplierListBody' },
  },
  'suppliers-add': {
    method: 'POST',
    path: SUPPLIERS,
    access: 'administer',
    function: 'admin-suppliers',
    request: 'NewSupplierRequest',
    responses: { 201: 'ChangedSupplierBody' },
    errors: ['invalidFields'],
  },
  'suppliers-change': {
    method: 'PUT',
    path: `${SUPPLIERS}/{supplier}`,
    access: 'administer',
    function: 'admin-suppliers',
    request: 'SupplierRequest',
    responses: { 200: 'ChangedSupplierBody' },
    errors: ['invalidFields'],
  },
  'tokens-list': {
    method: 'GET',
    path: TOKENS,
    access: 'administer',
    function: 'admin-tokens',
    query: ['cursor'],
    responses: { 200: 'TokenListBody' },
    errors: ['invalidFields'],
  },
  'tokens-create': {
    method: 'POST',
    path: TOKENS,
    access: 'administer',
    function: 'admin-tokens',
    request: 'NewTokenRequest',
    responses: { 201: 'NewTokenBody' },
    errors: ['invalidFields'],
  },
  'tokens-rotate': {
    method: 'POST',
    path: `${TOKEN}/rotate`,
    access: 'administer',
    function: 'admin-tokens',
    request: 'RotateRequest',
    responses: { 201: 'RotatedTokenBody' },
    errors: ['invalidFields', 'notFound', 'tokenRevoked'],
  },
  'tokens-revoke': {
    method: 'POST',
    path: `${TOKEN}/revoke`,
    access: 'administer',
    function: 'admin-tokens',
    request: 'RevokeRequest',
    responses: { 200: 'RevokedTokenBody' },
    errors: ['invalidFields', 'notFound', 'lastAdministrator'],
  },
} as const satisfies Readonly<Record<string, Operation>>;
