import { Title } from '../parts/page.tsx';
import { Suppliers } from './suppliers.tsx';
import { Tokens } from './tokens.tsx';

/** Suppliers and tokens, for operators of every supplier. */
export function Admin({ onChange }: { onChange: () => void }) {
  return (
    <>
      <Title of="Admin">Admin</Title>
      <h2>Suppliers</h2>
      <Suppliers onChange={onChange} />
      <h2>Tokens</h2>
      <Tokens />
    </>
  );
}
