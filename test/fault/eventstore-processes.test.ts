import { chooseEngine } from '../support/engine.ts';

// The lease of the projector, what each process remembers, and the same command sent to several: all beside a ledger on a server.
chooseEngine('eventstore');
await import('./several-processes.test.ts');
await import('./several-processes-memory.test.ts');
