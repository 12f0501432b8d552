import { type CheckDeps, ledgerChecker } from '../../src/audit/check-ledger.ts';
import type { Finding } from '../../src/audit/finding.ts';
import type { Checked } from '../../src/audit/verdict.ts';

/** The ledger is wrong; the message is the finding. */
class LedgerBroken extends Error {
  constructor(finding: Finding) {
    super(`the ledger is broken: ${JSON.stringify(finding)}`);
    this.name = 'LedgerBroken';
  }
}

/** Checks a ledger while a test goes on. */
export interface StepCheck {
  /** Everything appended since the last step. Throws with the first wrong place. */
  step(): Promise<void>;
  /** The whole, ends and read tables too. Throws likewise; the verdict is otherwise "consistent". */
  end(): Promise<Checked>;
}

/** `deps` is `node.audit` of an open node. */
export function stepCheck(deps: CheckDeps): StepCheck {
  const checker = ledgerChecker(deps);
  return {
    step: async () => {
      const finding = await checker.advance();
      if (finding !== undefined) throw new LedgerBroken(finding);
    },
    end: async () => {
      const verdict = await checker.finish();
      if (verdict.finding !== undefined) throw new LedgerBroken(verdict.finding);
      return verdict;
    },
  };
}
