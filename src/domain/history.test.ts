import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ANNA,
  asAnna,
  asBen,
  asDoctor,
  asOffice,
  asSystem,
  CLINIC,
  DOCUMENT,
  doctor,
  doctorEnded,
  EVIDENCE,
  entry,
  hospital,
  id16,
  issued,
  mark,
  NOW,
  PASSPORT,
  registered,
  terms,
} from '../../test/support/domain-samples.ts';
import { advance, decideWith, type Happened, statesAfter, stored } from '../../test/support/given.ts';
import type { ActorRef } from '../kernel/event.ts';
import { addMs, type Instant } from '../kernel/instant.ts';
import type { AnyNewEvent } from './catalogue.ts';
import { type CodeCommand, codeDecider } from './code/decider.ts';
import { grantWithin } from './consent/covers.ts';
import { type ConsentCommand, consentDecider, MAX_VALIDITY_MS } from './consent/decider.ts';
import { type ConsentTerms, isOver } from './consent/terms.ts';
import type { Decision } from './decider.ts';
import type { States } from './folds.ts';
import { type IdentityCommand, identityDecider } from './identity/decider.ts';
import { type RecordCommand, recordDecider } from './record/decider.ts';
import type { RefusalCode } from './refusals.ts';

/** One step of a resident's life: some command, decided at an instant. */
interface Step {
  readonly name: string;
  /** Milliseconds since the step before. */
  readonly pause: number;
  /** The command as it is sent at that instant by one who sees these states; it can be decided again on others. */
  send(states: States, now: Instant): (states: States) => Decision<AnyNewEvent, RefusalCode>;
  readonly by?: ActorRef;
  /** Commands that leave an event every time, by their own law. */
  readonly always?: boolean;
}

const DAY_MS = 86_400_000;
const pauses = fc.oneof(
  { weight: 9, arbitrary: fc.nat(1000) },
  { weight: 1, arbitrary: fc.nat(4).map((days) => days * DAY_MS) },
);
const ids = fc.nat(2).map((n) => id16(n));
const refs = fc.nat(1).map((n) => mark(21 + n));
/** Mostly those whose command it is, so that lives get anywhere. */
const askers = fc.constantFrom(asAnna, asAnna, asAnna, asOffice, asOffice, asOffice, asBen, asDoctor, asSystem);
const documents = fc.subarray([DOCUMENT, PASSPORT]);
const logins = fc.nat(2).map((n) => ({ mark: mark(70 + n), issuer: 'https://idp.example', subject: `s${n}` }));

const identitySteps: fc.Arbitrary<Step> = fc
  .record({
    type: fc.oneof(
      { weight: 19, arbitrary: fc.constantFrom('register', 'feed', 'link-documents', 'bind-login') },
      { weight: 1, arbitrary: fc.constant('report-death') },
    ),
    documents,
    login: logins,
    pause: pauses,
  })
  .map(({ type, pause, ...rest }) => ({
    name: type,
    pause,
    always: type === 'register',
    send: (_, now) => (states) =>
      decideWith(
        identityDecider,
        { type, region: '110105', person: { name: 'A' }, ...rest, now } as IdentityCommand,
        states,
      ),
  }));

const codeSteps: fc.Arbitrary<Step> = fc
  .record({
    type: fc.constantFrom('issue', 'issue', 'suspend', 'suspend', 'resume', 'resume', 'resume', 'close'),
    codeRef: refs,
    by: askers,
    reason: fc.constantFrom('resident', 'office'),
    pause: pauses,
  })
  .map(({ type, pause, ...rest }) => ({
    name: type,
    pause,
    send: (_, now) => (states) =>
      decideWith(codeDecider, { type, code: 'c', resident: ANNA, now, ...rest } as CodeCommand, states),
  }));

const someTerms = (now: Instant, change: { days: number; both: boolean; labels: boolean }): ConsentTerms =>
  terms({
    categories: change.both ? ['outpatient', 'prescription'] : ['outpatient'],
    labels: change.labels ? ['HIV'] : [],
    validFrom: now,
    validUntil: addMs(now, change.days * DAY_MS),
  });

const consentSteps: fc.Arbitrary<Step> = fc
  .record({
    type: fc.constantFrom('request', 'request', 'grant', 'grant', 'grant-unasked', 'deny', 'revoke'),
    consentId: ids,
    codeRef: refs,
    by: askers,
    change: fc.record({ days: fc.integer({ min: -1, max: 2000 }), both: fc.boolean(), labels: fc.boolean() }),
    asAsked: fc.nat(3).map((n) => n > 0),
    pause: pauses,
  })
  .map(({ type, pause, change, asAsked, consentId, codeRef, by: other }) => {
    const usual = type === 'request' ? asDoctor : asAnna;
    const by = asAsked ? usual : other;
    return {
      name: type,
      pause,
      by,
      send: (seen, now) => {
        const asked = seen.consent.pending.find((one) => one.consentId === consentId);
        const given = asAsked && asked !== undefined && type === 'grant' ? asked.terms : someTerms(now, change);
        const rest = { consentId, terms: given, evidence: EVIDENCE, now, resident: ANNA };
        const command = { type, ...rest, answerBy: addMs(now, 3 * DAY_MS), codeRef, by };
        return (states) => decideWith(consentDecider, command as unknown as ConsentCommand, states);
      },
    };
  });

const recordSteps: fc.Arbitrary<Step> = fc
  .record({
    type: fc.constantFrom('register', 'import', 'replace', 'withdraw'),
    drawn: fc.array(fc.tuple(fc.nat(3), fc.nat(2), fc.boolean(), fc.nat(30)), { minLength: 1, maxLength: 6 }),
    by: fc.constantFrom(asDoctor, asSystem, asAnna),
    pause: pauses,
  })
  .map(({ type, drawn, by, pause }) => {
    const records = drawn.map(([n, v, own, id]) =>
      entry(n, { v, ...(own ? {} : { custodian: CLINIC }), ...(id > 4 ? {} : { recordId: id16(1000 + id) }) }),
    );
    const recordId = records[0]?.retained.recordId;
    const rest = { record: records[0], records, recordId, reason: 'custodian', by };
    return {
      name: `record ${type}`,
      pause,
      by,
      send: () => (states) => decideWith(recordDecider, { type, ...rest } as unknown as RecordCommand, states),
    };
  });

const weighted = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary });
const anyStep = fc.oneof(
  weighted(1, identitySteps),
  weighted(3, codeSteps),
  weighted(5, consentSteps),
  weighted(2, recordSteps),
);
const lives = fc.array(anyStep, { minLength: 20, maxLength: 60 });

/** Runs the steps one after the other and calls `look` after each with what it emitted. */
function live(
  steps: readonly Step[],
  look: (at: {
    step: Step;
    command: ReturnType<Step['send']>;
    emitted: readonly AnyNewEvent[];
    before: States;
    after: States;
    now: Instant;
  }) => void,
): void {
  const past: Happened[] = [hospital, doctor(), registered, issued()];
  let now = NOW;
  let states = statesAfter(...past);
  for (const step of steps) {
    now = addMs(now, step.pause);
    const before = states;
    const command = step.send(before, now);
    const decision = command(before);
    if (decision.kind === 'refuse') continue;
    const events = decision.events.map((event) => ({ ...event, time: now }));
    past.push(...events);
    states = stored(past)
      .slice(-events.length || past.length)
      .reduce(advance, before);
    look({ step, command, emitted: decision.events, before, after: states, now });
  }
}

describe('in any life', () => {
  it('deciding the same command twice changes nothing the second time', () => {
    const done = new Map<string, number>();
    fc.assert(
      fc.property(lives, (steps) => {
        live(steps, ({ step, command, emitted, after }) => {
          if (step.always === true) return;
          if (emitted.length > 0) done.set(step.name, (done.get(step.name) ?? 0) + 1);
          expect(command(after)).toMatchObject({ kind: 'accept', events: [] });
        });
      }),
      { numRuns: 300 },
    );
    // Every kind of command was carried out, else the property says little.
    expect([...done.keys()].toSorted()).toEqual(
      [
        'feed',
        'link-documents',
        'bind-login',
        'report-death',
        'issue',
        'suspend',
        'resume',
        'close',
        'request',
        'grant',
        'grant-unasked',
        'deny',
        'revoke',
        'record register',
        'record import',
        'record replace',
        'record withdraw',
      ].toSorted(),
    );
  });

  it('at most one code is live, and a closed one stays closed', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        live(steps, ({ emitted, before, after }) => {
          for (const event of emitted) {
            if (event.type !== 'code.issued@1') continue;
            expect(before.code.live).toBeUndefined();
            expect(before.code.closed).not.toContain(event.retained.codeRef);
          }
          expect(after.code.closed).toEqual(expect.arrayContaining([...before.code.closed]));
        });
      }),
    );
  });

  it('no grant and no request outlives the closing of the code', () => {
    let closings = 0;
    fc.assert(
      fc.property(lives, (steps) => {
        live(steps, ({ step, emitted, before, after, now }) => {
          if (step.name !== 'close' || emitted.length === 0) return;
          if (before.consent.grants.length > 0) closings += 1;
          expect(after.consent.grants.filter((grant) => !isOver(grant.terms, now))).toEqual([]);
          expect(after.consent.pending.filter((request) => request.answerBy >= now)).toEqual([]);
        });
      }),
      { numRuns: 300 },
    );
    expect(closings).toBeGreaterThan(0);
  });

  it('a grant that answers a request is within it, in time, and of five years at most', () => {
    let answered = 0;
    fc.assert(
      fc.property(lives, (steps) => {
        live(steps, ({ step, emitted, before, now }) => {
          for (const event of emitted) {
            if (event.type !== 'consent.granted@1') continue;
            expect(event.retained.terms.validUntil <= addMs(now, MAX_VALIDITY_MS)).toBe(true);
            expect(event.retained.terms.validUntil > now).toBe(true);
            if (step.name !== 'grant') continue;
            const asked = before.consent.pending.find((one) => one.consentId === event.retained.consentId);
            expect(asked !== undefined && asked.answerBy >= now).toBe(true);
            expect(asked !== undefined && grantWithin(asked.terms, event.retained.terms)).toBe(true);
            answered += 1;
          }
        });
      }),
      { numRuns: 300 },
    );
    expect(answered).toBeGreaterThan(10);
  });

  it('nothing is issued to, asked of, granted or revoked by the dead', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        live(steps, ({ emitted, before }) => {
          if (before.identity.status !== 'deceased') return;
          for (const event of emitted) expect(event.type).toMatch(/^record\.|^identity\.document-linked|^code\.closed/);
        });
      }),
    );
  });
});

it('an ended practitioner neither asks for consent nor registers a record, whatever came before', () => {
  fc.assert(
    fc.property(lives, fc.oneof(consentSteps, recordSteps), (steps, last) => {
      live(steps, ({ after, now }) => {
        const states = stored([doctorEnded]).reduce(advance, after);
        if (last.by?.kind === 'practitioner') expect(last.send(states, now)(states).kind).toBe('refuse');
      });
    }),
  );
});
