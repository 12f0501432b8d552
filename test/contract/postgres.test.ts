import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { ledgerDatabase } from '../support/postgres-ledger.ts';
import { ledgerContract } from './ledger-contract.ts';
import type { OpenLedger } from './ledger-under-test.ts';

const open: OpenLedger = async () => {
  const database = await ledgerDatabase();
  return {
    ledger: await database.open(),
    suite,
    another: () => database.open(),
    setTime: database.setTime,
    besideOpenTransaction: async (work) => {
      await database.ownerSql.begin('isolation level repeatable read', async (tx) => {
        await tx`create table elsewhere as select count(*) from events`;
        await work();
      });
    },
    close: database.drop,
  };
};

ledgerContract('Postgres', open);
