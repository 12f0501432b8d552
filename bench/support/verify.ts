import { checkLedger } from '../../src/audit/check-ledger.ts';
import type { Node } from '../../src/main.ts';

/**
 * Every event that the bench wrote: header, leaf, chain, commitments, sealed parts, conditions, served sets, heads. Comparing read
 * tables with a rebuild takes as long again and is the suite's business. Resolves to how many events; throws with the first wrong place.
 */
export async function verifyEveryLeaf(node: Node, talk: (line: string) => void): Promise<number> {
  const { compareReadTables: _, ...deps } = node.audit;
  const began = performance.now();
  const { verdict, events, finding } = await checkLedger(deps);
  if (finding !== undefined) throw new Error(`the ledger is ${verdict}: ${JSON.stringify(finding)}`);
  const took = (performance.now() - began) / 1000;
  talk(`verified ${events} events, leaf by leaf, in ${took.toFixed(1)} s: ${verdict}`);
  return Number(events);
}
