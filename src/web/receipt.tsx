import { useGraphiQL } from '@graphiql/react';
import { useMemo } from 'react';
import { receiptOf } from './answer';
import { Bilingual } from './bilingual';

/** Under the answer: the receipt by which the audit log finds this access again. */
export function Receipt() {
  const answer = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.response ?? '');
  const receipt = useMemo(() => receiptOf(answer), [answer]);
  if (!receipt) return null;
  return (
    <p className="receipt">
      <Bilingual en="Audit receipt" zh="审计回执" /> <code title={`npx heyan audit prove ${receipt}`}>{receipt}</code>
    </p>
  );
}
