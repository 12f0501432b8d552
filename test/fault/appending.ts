import type { Caller } from '../../src/app/actor.ts';
import type { Platform } from '../../src/app/api.ts';
import type { Outcome } from '../../src/app/outcome.ts';
import type { ConsentTerms } from '../../src/domain/consent/terms.ts';
import { isFault } from '../../src/kernel/fault.ts';
import { answer, asNodeProcess, isProgram } from '../support/node-process.ts';
import { EVIDENCE, recordInput } from '../support/people.ts';

/** A process of its own that appends through the use cases, and sends again what failed (kill-appends.test.ts kills it). */
export interface Appending {
  readonly name: string;
  readonly count: number;
  readonly office: Caller;
  readonly doctor: Caller;
  readonly given: ConsentTerms;
  readonly residents: readonly { readonly code: string; readonly caller: Caller }[];
}
export type Acknowledged = { readonly n: number; readonly outcome: Outcome<unknown> };

const OPERATIONS = ['registerRecord', 'registerResident', 'grantConsent'] as const;
/** Which operation the n-th command is: each writes otherwise (a content, several events at once, one event). */
export const operationOf = (n: number) => OPERATIONS[n % 3] as (typeof OPERATIONS)[number];

/** The n-th command of a task: the same whenever and wherever it is sent. */
export function append(platform: Platform, task: Omit<Appending, 'count'>, n: number): Promise<Outcome<unknown>> {
  const requestId = `${task.name}-append-${n}`;
  const resident = task.residents[n % task.residents.length] as Appending['residents'][number];
  switch (operationOf(n)) {
    case 'registerRecord': {
      const of = { title: `n ${n}`, sourceId: `${task.name}-${n}`, content: `"${n}"` };
      return platform.registerRecord(task.doctor, requestId, recordInput(resident.code, of));
    }
    case 'registerResident': {
      const documents = [{ type: '03', number: `${task.name}${n}` }];
      return platform.registerResident(task.office, requestId, { region: '110105', name: 'Somebody', documents });
    }
    case 'grantConsent':
      return platform.grantConsent(resident.caller, requestId, { terms: task.given, evidence: EVIDENCE });
  }
}

/** The world failed, and the same requestId may be sent again. Anything else is a bug. */
export const PASSING = /^(?:busy|ledger-unavailable|append-unknown|vault-unavailable|reads-unavailable|claims-busy)$/;

/** Sends all commands of a task, eight at a time, each again until it is answered. */
export async function appendAll(
  platform: Platform,
  task: Appending,
  told: (said: Acknowledged) => void,
): Promise<void> {
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let n = next++; n < task.count; n = next++) {
      for (let outcome: Outcome<unknown> | undefined; outcome === undefined; ) {
        try {
          outcome = await append(platform, task, n);
          told({ n, outcome });
        } catch (error) {
          if (!isFault(error) || !PASSING.test(error.code)) throw error;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, writer));
}

if (isProgram(import.meta.url)) {
  await asNodeProcess<Appending>(({ platform }, task) => appendAll(platform, task, answer));
}
