import { chooseEngine } from '../support/engine.ts';

// Where other streams are looked at behind the append, and a permit that was overtaken is withheld: the same law of what is opened.
chooseEngine('eventstore');
await import('./races-endings.test.ts');
