import type { RecordPage } from '../../app/api.ts';
import type { Outcome } from '../../app/outcome.ts';
import { builder } from '../builder.ts';
import { toConnection } from '../connection.ts';
import { answer } from '../outcome-union.ts';
import { RecordsResult } from './records-result.ts';

/** One code of several, decided by itself: its outcome, or the fault that it alone met. */
export interface RecordsOfCode {
  readonly code: string;
  readonly after: string | undefined;
  readonly settled: { readonly outcome: Outcome<RecordPage> } | { readonly fault: Error };
}

export const RecordsOfCodeType = builder.objectRef<RecordsOfCode>('RecordsOfCode').implement({
  description: 'The answer for one of several health codes.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'The code, as it was given.' }),
    result: t.field({
      type: RecordsResult,
      nullable: true,
      description:
        'Decided by itself: neither a refusal nor a fault of another code touches it. Null only with an entry in `errors`.',
      resolve: ({ settled, after }) => {
        if ('fault' in settled) throw settled.fault;
        return answer(settled.outcome, (page) => toConnection(page, page.records, after));
      },
    }),
  }),
});
