import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_POLICY } from '../../src/app/commands/ledger.ts';
import type { AnyEvent } from '../../src/domain/catalogue.ts';
import type { PolicyRule } from '../../src/domain/ledger/events.ts';
import { engine, engineName } from '../support/engine.ts';
import {
  CLEAN,
  type Doctor,
  type Hospital,
  newRequest,
  type Resident,
  terms,
  value,
  verdictOn,
  type World,
  worldOf,
} from '../support/people.ts';
import { SIZES } from '../support/sizes.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { eventsBehind, type Readers, readersOf, seenOf, sidesOf } from './races.ts';

const PROCESSES = 4;
const ROUNDS = engine() === 'postgres' ? SIZES.raceRounds : SIZES.eventStoreRaceRounds;

let node: TestNode;
let world: World;
let readers: Readers;

beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
  readers = await readersOf(node, PROCESSES, SIZES.readers);
});
afterAll(async () => {
  await readers?.close();
  await node.close();
});

interface Race {
  readonly resident: Resident;
  readonly doctor: Doctor;
  /** What ends the readers' right. */
  end(): Promise<void>;
}
interface Kind {
  readonly what: string;
  readonly ending: AnyEvent['type'];
  /** Why each reader is refused from then on. */
  readonly rule: string;
  setUp(): Promise<Race>;
}

/** A resident with a record by somebody else, and a doctor of a hospital that may read it. */
async function granted(): Promise<Race & { readonly hospital: Hospital }> {
  const hospital = await world.hospital();
  const doctor = await world.doctor(hospital);
  const resident = await world.resident();
  await world.record(await world.doctor(await world.hospital()), resident);
  const consentId = await world.grant(resident, terms(hospital));
  const end = async () => void value(await node.platform.revokeConsent(resident.caller, newRequest(), { consentId }));
  return { hospital, doctor, resident, end };
}

const adopt = async (rules: readonly PolicyRule[]) =>
  void value(await node.platform.adoptPolicy(world.regulator, newRequest(), { policy: { version: '1', rules } }));

const KINDS: readonly Kind[] = [
  { what: 'revocation', ending: 'consent.revoked@1', rule: 'no-consent', setUp: granted },
  {
    what: 'practitioner.ended',
    ending: 'practitioner.ended@1',
    rule: 'actor-ended',
    setUp: async () => {
      const race = await granted();
      const { id } = race.doctor;
      return {
        ...race,
        end: async () =>
          void value(await node.platform.endPractitioner(world.regulator, newRequest(), { id, reason: 'retired' })),
      };
    },
  },
  {
    what: 'institution.ended',
    ending: 'institution.ended@1',
    rule: 'actor-ended',
    setUp: async () => {
      const race = await granted();
      const { id } = race.hospital;
      return {
        ...race,
        end: async () =>
          void value(await node.platform.endInstitution(world.regulator, newRequest(), { id, reason: 'retired' })),
      };
    },
  },
  {
    what: 'change of the policy',
    ending: 'ledger.policy-adopted@1',
    rule: 'no-consent',
    setUp: async () => {
      // Nobody has granted anything: the policy lets a hospital read what it registered itself, until it does not.
      await adopt(FIRST_POLICY.rules);
      const doctor = await world.doctor(await world.hospital());
      const resident = await world.resident();
      await world.record(doctor, resident);
      return { doctor, resident, end: () => adopt([]) };
    },
  },
];

const SIZE = `${SIZES.readers} readers in ${PROCESSES} processes (${ROUNDS} rounds each)`;

describe(`${engineName()}: ${SIZE} against one`, () => {
  it.each(KINDS)(
    '$what: permitted before it, refused behind it, and each answer is one of the permits',
    async (kind) => {
      for (let i = 0; i < ROUNDS; i++) {
        const { doctor, resident, end } = await kind.setUp();
        await world.shown();
        const begin = await node.app.ledger.end();
        const policy = await node.platform.policy(world.regulator);
        const served = await readers.against(doctor, resident, end);

        // Everything is judged by what stands in the ledger, in its order; the readers' answers only say what was handed out.
        const { ended, before, behind, withheld } = sidesOf(await eventsBehind(node, begin), kind.ending, resident);
        expect(before.denials).toEqual([]);
        expect(behind.permits).toEqual([]);
        expect(before.permits.length).toBeGreaterThanOrEqual(SIZES.readers);
        expect(behind.denials).toHaveLength(SIZES.readers);
        // Each decision has looked where the ending stands; whoever was refused has seen it.
        for (const permit of before.permits) {
          expect(seenOf(permit, ended.stream)).toBeLessThan(ended.revision);
          expect(permit.retained).toMatchObject({ policy: policy?.hash, served: { count: 1 } });
        }
        for (const denial of behind.denials) {
          expect(seenOf(denial, ended.stream)).toBeGreaterThanOrEqual(ended.revision);
          expect(denial.retained.rule).toBe(kind.rule);
          if (ended.type === 'ledger.policy-adopted@1' && ended.retained !== 'expired')
            expect(denial.retained.policy).toBe(ended.retained.hash);
        }
        // One lock orders everything in PostgreSQL: what is appended there holds.
        if (engine() === 'postgres') expect(withheld).toBe(0);
        // Records went out under these events and no others, each answer under an event of its own.
        expect([...served].sort()).toEqual(before.permits.map(({ id }) => id).sort());
      }
    },
    1_800_000,
  );

  it('leaves a ledger that the checker finds consistent', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  }, 600_000);
});
