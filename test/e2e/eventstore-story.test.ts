import { chooseEngine } from '../support/engine.ts';

// `npm start`, `npm run demo`, `fsck` and `replay` as a person runs them with LEDGER_ENGINE=eventstore.
chooseEngine('eventstore');
await import('./demo-story.test.ts');
