import { memoryLedger } from '../../src/ledger/memory/memory-ledger.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { SEEDED_START, seededClock, seededEntropy } from '../support/seeded.ts';
import { ledgerContract } from './ledger-contract.ts';

ledgerContract('memory', async () => {
  const clock = seededClock(SEEDED_START);
  const ledger = memoryLedger({
    identity: { origin: 'health.example/110000', suite: 'international' },
    suite,
    entropy: seededEntropy('memory'),
    time: () => clock.now(),
  });
  return {
    ledger,
    suite,
    another: async () => ledger,
    setTime: async (instant) => clock.set(instant),
    besideOpenTransaction: (work) => work(),
    close: () => ledger.close(),
  };
});
