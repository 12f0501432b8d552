import { describe, expect, it } from 'vitest';
import type { Caller } from '../../src/app/actor.ts';
import type { Outcome } from '../../src/app/outcome.ts';
import type { ConsentTerms } from '../../src/domain/consent/terms.ts';
import type { Id16, StreamName } from '../../src/kernel/id.ts';
import type { Day } from '../../src/kernel/instant.ts';
import { type Doctor, type Hospital, newRequest, type Resident, terms, value, type World } from '../support/people.ts';

/** A try to read, and what must stand of it: where, and under which rule ('missed': nobody is behind the code). */
export interface Try {
  readonly ask: () => Promise<Outcome<unknown>>;
  readonly stream: StreamName;
  readonly rule: string;
}

/** What all tries begin from: a doctor whom consents are given to. */
export interface Scene {
  readonly world: World;
  readonly hospital: Hospital;
  readonly doctor: Doctor;
  /** A resident with two records of another hospital, and a consent to ours that covers both. */
  granted(over?: Partial<ConsentTerms>, to?: Hospital): Promise<Resident & { readonly consentId: Id16 }>;
  revoke(resident: Resident, consentId: Id16): Promise<void>;
  open(
    of: { readonly code: string },
    over?: object,
    caller?: Caller,
  ): ReturnType<World['node']['platform']['openRecords']>;
  content(of: { readonly code: string }, record: string): ReturnType<World['node']['platform']['openContent']>;
}

export async function sceneOf(world: World): Promise<Scene> {
  const { platform } = world.node;
  const hospital = await world.hospital();
  const doctor = await world.doctor(hospital);
  const period = { from: '2024-01-01' as Day, to: '2024-12-31' as Day };
  return {
    world,
    hospital,
    doctor,
    granted: async (over = {}, to = hospital) => {
      const resident = await world.resident();
      const theirs = await world.doctor(await world.hospital());
      await world.record(theirs, resident);
      await world.record(theirs, resident);
      const given = terms(to, { purposes: ['TREAT'], categories: ['outpatient'], labels: [], period, ...over });
      return { ...resident, consentId: await world.grant(resident, given) };
    },
    revoke: async ({ caller }, consentId) =>
      void value(await platform.revokeConsent(caller, newRequest(), { consentId })),
    open: ({ code }, over = {}, caller = doctor.caller) =>
      platform.openRecords(caller, { code, purpose: 'TREAT', ...over }),
    content: ({ code }, record) => platform.openContent(doctor.caller, { code, purpose: 'TREAT', record }),
  };
}

/** Every try opens nothing, is answered alike, and leaves exactly one event, in its place and with its reason. */
export function eachIsRefused(
  scene: () => Scene,
  tries: { readonly [what: string]: (scene: Scene) => Promise<Try> },
): void {
  describe.each(Object.keys(tries))('%s', (what) => {
    it('opens nothing, and leaves one event that says why; the asker hears the one no', async () => {
      const { ask, stream, rule } = await (tries[what] as (scene: Scene) => Promise<Try>)(scene());
      const { answer, events } = await scene().world.appended(ask);
      expect(answer).toEqual({ kind: 'refusal', code: 'not-available' });
      expect(events).toHaveLength(1);
      const [event] = events;
      expect(event?.stream).toBe(stream);
      expect(event?.type).toBe(rule === 'missed' ? 'access.missed@1' : 'access.denied@1');
      if (rule !== 'missed') expect(event?.retained).toMatchObject({ rule });
    });
  });
}
