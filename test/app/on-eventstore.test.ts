import { describe } from 'vitest';
import { chooseEngine, engineName } from '../support/engine.ts';
import { WHOLE } from '../support/sizes.ts';

/** Those that turn on what an engine does: conditions, order, conflicts, faults in between, the same request again, what replay makes of it. */
const EVERY_RUN = ['gate-order', 'gate-stale', 'request-ids', 'write-faults', 'consent-law', 'replay-stories'] as const;
/** What happens above the engine: run on it when everything is. */
const WHOLE_RUN = [
  'gate-lawful',
  'gate-names',
  'gate-refusals',
  'import-resident',
  'many-accesses',
  'no-oracle',
  'own-record',
  'registration',
  'replay-unlawful',
  'sign-in',
  'trails',
] as const;

chooseEngine('eventstore');
for (const suite of WHOLE ? [...EVERY_RUN, ...WHOLE_RUN] : EVERY_RUN) {
  describe(`${engineName()}: ${suite}`, async () => {
    await import(`./${suite}.test.ts`);
  });
}
