import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { eventStoreName } from '../support/eventstore/open.ts';
import { describeWithFaults, ledgerServer } from '../support/eventstore-ledger.ts';
import { ledgerContract } from './ledger-contract.ts';
import { type HeldLedger, queueContract } from './queue-contract.ts';

async function open(
  options: { readonly queueLimit?: number; readonly concurrency?: number } = {},
): Promise<HeldLedger> {
  const under = await ledgerServer();
  return {
    ledger: await under.open(options),
    suite,
    another: () => under.open(),
    setTime: under.setTime,
    hold: async () => {
      await under.faults().holdWrites('store');
      return () => under.faults().releaseWrites();
    },
    besideOpenTransaction: (work) => work(),
    close: under.close,
  };
}

const name = `EventStoreDB (${eventStoreName()})`;
ledgerContract(name, open);
// One stream after the other, so that all appends stand in one queue, as they do where one lock orders everything.
describeWithFaults('with a server that can be held:', () => {
  queueContract(name, (options) => open({ ...options, concurrency: 1 }));
});
