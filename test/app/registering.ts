import type { Caller } from '../../src/app/actor.ts';
import type { DocumentInput } from '../../src/app/api.ts';
import type { Outcome } from '../../src/app/outcome.ts';
import { answer, asNodeProcess, isProgram } from '../support/node-process.ts';

/** A process of its own that registers people, some at once (registration.test.ts starts several). */
export interface Registering {
  readonly office: Caller;
  readonly name: string;
  /** Each is one showing: documents that are one person's. */
  readonly people: readonly (readonly DocumentInput[])[];
}
export interface Registered {
  readonly documents: readonly DocumentInput[];
  readonly outcome: Outcome<{ readonly code: string }>;
}

if (isProgram(import.meta.url)) {
  await asNodeProcess<Registering>(async ({ platform }, { office, name, people }) => {
    const queue = people.map((documents, i) => ({ documents, i }));
    const counter = async (): Promise<void> => {
      for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
        const { documents, i } = one;
        const input = { region: '110105', name: 'Somebody', documents };
        const outcome = await platform.registerResident(office, `${name}-register-${i}`, input);
        answer({ documents, outcome } satisfies Registered);
      }
    };
    await Promise.all([counter(), counter(), counter(), counter()]);
  });
}
