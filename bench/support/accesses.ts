import type { Caller } from '../../src/app/actor.ts';
import { appendRead } from '../../src/app/gate/append-read.ts';
import type { GateApp } from '../../src/app/gate/gate-app.ts';
import { commitToServed } from '../../src/app/gate/served.ts';
import type { AnyNewEvent } from '../../src/domain/catalogue.ts';
import { READ_GUARDS } from '../../src/domain/guards.ts';
import {
  institutionStream,
  ledgerStream,
  practitionerStream,
  residentStream,
  type StreamName,
  toId16,
  toLabel,
} from '../../src/kernel/id.ts';
import type { Instant } from '../../src/kernel/instant.ts';
import type { Appended } from '../../src/ledger/port.ts';

export const SUBJECTS = 10_000;
const ASKERS = 50;
const PLANS = 512;
const SERVED = 5;
const NEVER = '9999-12-31T23:59:59.999Z' as Instant;

/** Appends one access to the account of a random subject, by a random practitioner. */
export type AppendAccess = () => Promise<Appended>;

/**
 * Accesses as the gate appends them, by its own `appendRead`: keys of the stream, both parts sealed and committed to, four guarded streams. Every
 * second one is a permit whose personal part names five records, the others are denials. Deciding and planning are not part of an
 * append: conditions say what was seen when the subject's last access of this process was appended, and served sets come from a stock.
 */
export async function accesses(app: GateApp): Promise<AppendAccess> {
  const { entropy } = app;
  const id16 = () => toId16(entropy.bytes(16));
  const subjects = Array.from({ length: SUBJECTS }, () => ({
    stream: residentStream(toLabel(entropy.bytes(32))),
    revision: -1n,
  }));
  // Whoever is registered has keys.
  for (let at = 0; at < SUBJECTS; at += 500) {
    const streams = subjects.slice(at, at + 500).map(({ stream }) => stream);
    await app.vault.keysOfMany(streams, app.clock.now());
  }
  const ledger = ledgerStream(app.region);
  const policy = {
    stream: ledger,
    revision: (await app.ledger.head(ledger))?.revision ?? -1n,
    kinds: READ_GUARDS.ledger,
  };
  const notSeen = (stream: StreamName) => ({ stream, revision: -1n, kinds: READ_GUARDS.actor });
  const askers = Array.from({ length: ASKERS }, (_, n) => {
    const [id, institution] = [id16(), id16()];
    const caller: Caller = {
      actor: {
        role: 'practitioner',
        registered: true,
        id,
        institution,
        issuer: 'bench',
        subject: `${n}`,
        until: NEVER,
      },
      trace: `bench-access-${n}`,
    };
    return { caller, seen: [notSeen(practitionerStream(id)), notSeen(institutionStream(institution)), policy] };
  });
  const permits = Array.from({ length: PLANS }, (): AnyNewEvent => {
    const items = Array.from({ length: SERVED }, () => ({ id: id16(), revision: 7n, category: 'imaging' as const }));
    const { served, personal } = commitToServed(app, items, 1, SERVED);
    const retained = {
      ...ASKED,
      rule: 'grant' as const,
      basis: 'PIPL-13-1',
      grants: [id16()],
      policyRules: [],
      served,
    };
    return { type: 'access.permitted@1', retained, personal };
  });
  const denial: AnyNewEvent = { type: 'access.denied@1', retained: { ...ASKED, rule: 'no-consent' }, personal: {} };

  let calls = 0;
  return async () => {
    const n = calls++;
    const subject = anyOf(subjects);
    const { caller, seen } = anyOf(askers);
    const event = n % 2 === 0 ? (permits[(n / 2) % PLANS] as AnyNewEvent) : denial;
    const appended = await appendRead(app, caller, subject.stream, event, {
      seen: [{ stream: subject.stream, revision: subject.revision, kinds: READ_GUARDS.resident }, ...seen],
      decided: app.clock.now(),
      until: [],
    });
    const revision = appended.events[0]?.revision ?? -1n;
    if (revision > subject.revision) subject.revision = revision;
    return appended;
  };
}

const ASKED = {
  purpose: 'TREAT',
  selection: { what: 'records', index: 'EHR', categories: ['imaging'] },
} as const;

const anyOf = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;
