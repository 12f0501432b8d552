import { type ApiUnderTest, only } from '../support/api.ts';
import { CATEGORIES, inMs } from '../support/cast.ts';
import { type Founded, founded, LABELS, type Population } from './population.ts';
import type { KnownConsent, KnownResident } from './truth.ts';

export async function populate(api: ApiUnderTest, seed: number): Promise<Population> {
  const there = await founded(api, seed);
  await fill(api, there);
  return there.population;
}

/** People of every kind that an access can meet, with records and consents at random. */
async function fill(api: ApiUnderTest, { population, resident, parts }: Founded): Promise<void> {
  const { cast, dice, truth, writers } = population;
  const { b, c, e, gone } = parts;
  const hospitals = [...writers.keys()];
  await cast.done(cast.regulator, 'adoptPolicy', {
    policy: {
      version: '2',
      rules: [
        {
          id: 'own',
          kind: 'OWN_RECORDS',
          purposes: ['TREAT'],
          categories: CATEGORIES,
          labels: LABELS,
          basis: 'PIPL-13-2',
        },
        {
          id: 'vaccines',
          kind: 'STATUTORY',
          purposes: ['PUBHLTH'],
          categories: ['IMMUNISATION'],
          basis: 'PIPL-13-3',
          institutions: [c.id],
        },
        {
          id: 'invoices',
          kind: 'STATUTORY',
          purposes: ['HPAYMT'],
          categories: ['INVOICE', 'OUTPATIENT'],
          labels: ['PSY', 'R'],
          basis: 'PIPL-13-3',
          institutions: [b.id, c.id].sort(),
        },
      ],
    },
  });
  const policy = only(
    await api.post(
      cast.regulator,
      '{ policy { hash version rules { id kind purposes categories labels basis institutions } } }',
    ),
  );
  Object.assign(truth.policy, policy);

  for (let n = 0; n < 12; n++) {
    const one = await resident(`R${n}`);
    const records = n === 10 ? 0 : 3 + dice.below(7);
    for (let i = 0; i < records; i++)
      await population.register(one, dice.pick(writers.get(dice.pick(hospitals)) ?? []));
    const grants = n === 10 ? 0 : 2 + dice.below(4);
    for (let i = 0; i < grants; i++) await population.grant(one, population.anyTerms());
    const lapsing = { ...population.anyTerms(), validFrom: inMs(-60_000), validUntil: inMs(3_000) };
    if (n % 3 === 0) await population.grant(one, lapsing);
    for (const fate of ['requested', 'granted', 'denied']) {
      if (n === 10 || dice.chance(0.4)) continue;
      const by = dice.pick(
        truth.actors.filter(
          (actor) =>
            actor.doctor !== undefined &&
            !['D3 with a token for A', 'a doctor who has ended'].includes(actor.name) &&
            actor.organisation !== e,
        ),
      );
      await population.request(one, by);
      const asked = one.consents.at(-1) as KnownConsent;
      const narrowed = { ...asked.terms, categories: asked.terms.categories.slice(0, 2), labels: [] };
      if (fate === 'granted') await population.grant(one, narrowed, asked);
      if (fate === 'denied') await population.end(one, asked);
    }
    for (const consent of one.consents)
      if (consent.fate === 'granted' && dice.chance(0.2)) await population.end(one, consent);
    for (const record of one.records) {
      if (dice.chance(0.15)) await population.register(one, dice.pick(writers.get(record.custodian) ?? []), record);
      if (dice.chance(0.1)) await population.withdraw(record, one);
    }
  }
  const [, , , , , , suspended, closed, renewed, dead] = truth.residents as readonly KnownResident[];
  const close = async (of: KnownResident): Promise<void> => {
    const code = of.codes.at(-1) as KnownResident['codes'][number];
    await cast.done(cast.office, 'closeCode', { code: code.text, reason: 'OFFICE' });
    code.state = 'CLOSED';
    endAll(of);
  };
  if (suspended === undefined || closed === undefined || renewed === undefined || dead === undefined)
    throw new Error('too few people');
  await cast.done(cast.office, 'suspendCode', { code: suspended.codes[0]?.text, reason: 'OFFICE' });
  Object.assign(suspended.codes[0] as object, { state: 'SUSPENDED' });
  await close(closed);
  await close(renewed);
  const { healthCode } = await cast.done(cast.office, 'issueCode', { documents: renewed.profile.documents });
  renewed.codes.push({ text: healthCode as string, state: 'ACTIVE', ref: '', issuedAt: '' });
  await population.grant(renewed, population.anyTerms());
  await cast.done(cast.office, 'reportDeath', { code: dead.codes[0]?.text });
  Object.assign(dead, { dead: true });
  Object.assign(dead.codes[0] as object, { state: 'CLOSED' });
  await cast.done(cast.regulator, 'endPractitioner', { id: gone.id, reason: population.markers.next('never') });
  gone.ended = true;
  await cast.done(cast.regulator, 'endInstitution', { id: e.id, reason: population.markers.next('never') });
  e.ended = true;
  // Long enough for the grants that were given for three seconds.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  for (const one of truth.residents) await population.witness(one);
}

/** Closing a code ends pending requests and live grants. */
export function endAll(of: KnownResident): void {
  const now = new Date().toISOString();
  for (const consent of of.consents) {
    if (consent.fate === 'requested') consent.fate = 'denied';
    if (consent.fate === 'granted' && consent.terms.validUntil > now) consent.fate = 'revoked';
  }
}
