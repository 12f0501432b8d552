import { describe } from 'vitest';
import { appendLaws } from './append-laws.ts';
import { conditionLaws } from './condition-laws.ts';
import { followLaws } from './follow-laws.ts';
import type { OpenLedger } from './ledger-under-test.ts';
import { readLaws } from './read-laws.ts';

/** What `src/ledger/port.ts` promises, asked of an engine. Every engine passes all of it. */
export function ledgerContract(name: string, open: OpenLedger): void {
  describe(`the ${name} engine keeps the ledger's contract:`, () => {
    appendLaws(open);
    conditionLaws(open);
    readLaws(open);
    followLaws(open);
  });
}
