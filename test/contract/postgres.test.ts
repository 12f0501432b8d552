import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { ledgerDatabase } from '../support/postgres-ledger.ts';
import { ledgerContract } from './ledger-contract.ts';
import { type HeldLedger, queueContract } from './queue-contract.ts';

async function open(options: { readonly queueLimit?: number } = {}): Promise<HeldLedger> {
  const database = await ledgerDatabase();
  return {
    ledger: await database.open(options),
    suite,
    another: () => database.open(),
    setTime: database.setTime,
    hold: database.hold,
    besideOpenTransaction: async (work) => {
      await database.ownerSql.begin('isolation level repeatable read', async (tx) => {
        await tx`set local idle_in_transaction_session_timeout = 0`;
        await tx`create table elsewhere as select count(*) from events`;
        await work();
      });
    },
    close: database.drop,
  };
}

ledgerContract('Postgres', open);
queueContract('Postgres', open);
