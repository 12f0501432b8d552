import { toLabel } from '../../src/kernel/id.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { nodeSuite } from '../../src/suite-node/suite.ts';
import { postgresClaims } from '../../src/vault/claims.ts';
import type { ClaimRef } from '../../src/vault/port.ts';
import { seededEntropy } from '../support/seeded.ts';
import { keyring } from '../support/vaults.ts';

/**
 * A process of its own that takes claims (vault-claims.test.ts starts two). One JSON line of arguments on standard input, one line a result
 * on standard output: `{ url, name, people }`, each of `people` a list of document numbers that are shown together.
 */
export interface WorkerTask {
  readonly url: string;
  readonly name: string;
  readonly people: readonly (readonly string[])[];
}
export interface WorkerResult {
  readonly numbers: readonly string[];
  readonly result: { readonly subject: string } | 'conflict';
}

export const documentOf = (value: string): ClaimRef => ({
  kind: 'document',
  type: '03',
  issuer: 'urn:iso:3166:CN',
  value,
});

async function work({ url, name, people }: WorkerTask): Promise<void> {
  const sql = openSql(url, { max: 4, applicationName: name });
  const claims = postgresClaims({ sql, suite: nodeSuite, keyring });
  const entropy = seededEntropy(name);
  const queue = [...people];
  const taker = async () => {
    for (let numbers = queue.shift(); numbers !== undefined; numbers = queue.shift()) {
      const result = await claims.take(numbers.map(documentOf), toLabel(entropy.bytes(32)));
      process.stdout.write(`${JSON.stringify({ numbers, result } satisfies WorkerResult)}\n`);
    }
  };
  await Promise.all([taker(), taker(), taker(), taker()]);
  await sql.end();
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  process.stdin.setEncoding('utf8');
  let text = '';
  for await (const part of process.stdin) text += part;
  await work(JSON.parse(text) as WorkerTask);
}
