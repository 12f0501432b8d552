import { DEVELOPMENT_ISSUER } from '../../src/auth/development-token.ts';
import { type Answer, type ApiUnderTest, only } from '../support/api.ts';
import { ALL_TIME, CATEGORIES, type Cast, castOf, EVIDENCE, inMs } from '../support/cast.ts';
import { type Dice, diceOf } from './dice.ts';
import { type Markers, markers } from './markers.ts';
import type {
  KnownActor,
  KnownConsent,
  KnownDoctor,
  KnownHospital,
  KnownRecord,
  KnownResident,
  KnownTerms,
  Truth,
} from './truth.ts';

/** Makes a population with planted markers through the API, as its offices would, and keeps beside it what is true of it. */

export const LABELS = ['ETH', 'GDIS', 'HIV', 'OPIOIDUD', 'PSY', 'R', 'SDV', 'SEX', 'STD', 'V'] as const;
const SENSITIVITIES = LABELS.filter((label) => label !== 'R' && label !== 'V');
const GRANTED_PURPOSES = ['CAREMGT', 'DSRCH', 'ETREAT', 'HPAYMT', 'HRESCH', 'PUBHLTH', 'TREAT'];
const DAY_MS = 86_400_000;
/** The whole run, and no more than a development token may live. */
const TOKEN_MINUTES = 720;

export interface Population {
  readonly truth: Truth;
  readonly cast: Cast;
  readonly dice: Dice;
  readonly markers: Markers;
  /** A practitioner's or a system's token of that organisation, that may register records there. */
  readonly writers: ReadonlyMap<KnownHospital, readonly KnownActor[]>;
  /** A new record, or, of one that there is, a new version. */
  register(resident: KnownResident, by: KnownActor, old?: KnownRecord): Promise<void>;
  withdraw(record: KnownRecord, resident: KnownResident): Promise<void>;
  /** Given by the resident's own wish, or in answer to a request. */
  grant(resident: KnownResident, terms: KnownTerms, asked?: KnownConsent): Promise<void>;
  request(resident: KnownResident, by: KnownActor): Promise<void>;
  end(resident: KnownResident, consent: KnownConsent): Promise<void>;
  anyTerms(): KnownTerms;
  office: string;
  tokenOf(resident: KnownResident): string;
  /** Takes over, from the resident's own lists, when codes and consents were made. */
  witness(resident: KnownResident): Promise<void>;
}

const day = (dice: Dice): string =>
  new Date(Date.UTC(2023, 0, 1) + dice.below(1000) * DAY_MS).toISOString().slice(0, 10);

/** Who is there before the residents are, and the way to make one. */
export interface Founded {
  readonly population: Population;
  readonly resident: (name: string) => Promise<KnownResident>;
  readonly parts: Readonly<Record<'a' | 'b' | 'c' | 'e', KnownHospital>> & { readonly gone: KnownDoctor };
}

export async function founded(api: ApiUnderTest, seed: number): Promise<Founded> {
  const dice = diceOf(seed);
  const marks = markers();
  const cast = await castOf(api);
  const never = (): string => marks.next('never');
  const hospitals: KnownHospital[] = [];
  const doctors: KnownDoctor[] = [];
  const residents: KnownResident[] = [];
  const actors: KnownActor[] = [];

  const hospital = async (letter: string): Promise<KnownHospital> => {
    const made = {
      key: { system: 'urn:uscc', number: `ATTACK-${letter}` },
      name: `Hospital ${letter}`,
      region: '110105',
      level: 1 + dice.below(3),
      kind: 'general',
    };
    const { key, ...profile } = made;
    const contacts = { phone: never(), address: never() };
    const { id } = await cast.done(cast.regulator, 'registerInstitution', {
      identifiers: [key],
      ...profile,
      ...contacts,
    });
    const known = { ...made, id: id as string, ended: false };
    hospitals.push(known);
    return known;
  };
  const doctor = async (name: string, affiliations: readonly KnownHospital[]): Promise<KnownDoctor> => {
    const made = {
      key: { system: 'urn:licence', number: `ATTACK-${name}` },
      name: `Doctor ${name}`,
      title: 'Dr',
      licence: `L-${name}`,
    };
    const { key, ...profile } = made;
    const { id } = await cast.done(cast.regulator, 'registerPractitioner', {
      identifiers: [key],
      ...profile,
      affiliations: affiliations.map((one) => one.id),
      phone: never(),
      address: never(),
    });
    const known = { ...made, id: id as string, affiliations, ended: false };
    doctors.push(known);
    return known;
  };
  const subjectOf = (): string => marks.next('subject');
  const practitioner = async (
    name: string,
    of: KnownDoctor | undefined,
    organisation: KnownHospital,
  ): Promise<KnownActor> => {
    const subject = subjectOf();
    const number = of?.key ?? { system: 'urn:licence', number: `ATTACK-nobody-${name}` };
    const token = await api.mint({
      role: 'practitioner',
      subject,
      organisation: organisation.key,
      practitioner: number,
      minutes: TOKEN_MINUTES,
    });
    const id = of?.id ?? api.node.app.vault.actorId(DEVELOPMENT_ISSUER, subject);
    const known: KnownActor = {
      name,
      role: 'practitioner',
      token,
      id,
      organisation,
      ...(of === undefined ? {} : { doctor: of }),
    };
    actors.push(known);
    return known;
  };
  const officer = async (
    role: 'issuer' | 'regulator' | 'system',
    name: string,
    organisation: KnownHospital,
  ): Promise<KnownActor> => {
    const subject = subjectOf();
    const token = await api.mint({ role, subject, organisation: organisation.key, minutes: TOKEN_MINUTES });
    const known: KnownActor = {
      name,
      role,
      token,
      id: api.node.app.vault.actorId(DEVELOPMENT_ISSUER, subject),
      organisation,
    };
    actors.push(known);
    return known;
  };
  const resident = async (name: string): Promise<KnownResident> => {
    const number = marks.next('document');
    const profile = {
      region: '110105',
      name: `${name} ${marks.next('person')}`,
      sex: dice.pick(['FEMALE', 'MALE', 'OTHER', 'UNKNOWN', null]),
      birthDate: dice.pick(['1980-02-29', '2020-12-31', null]),
      phone: dice.chance(0.8) ? marks.next('phone') : null,
      address: dice.chance(0.8) ? marks.next('address') : null,
      documents: [{ type: '03', issuer: 'urn:iso:3166:CN', number }],
    };
    const { sex, birthDate, phone, address, ...rest } = profile;
    const optional = Object.fromEntries(
      Object.entries({ sex, birthDate, phone, address }).filter(([, value]) => value !== null),
    );
    const { answer, events } = await api.written(() =>
      cast.done(cast.office, 'registerResident', { ...rest, ...optional, documents: [{ type: '03', number }] }),
    );
    const label = (events[0]?.stream ?? '').slice('resident/'.length);
    const text = (answer as Answer).healthCode as string;
    const codes = [{ text, state: 'ACTIVE' as const, ref: '', issuedAt: '' }];
    const known: KnownResident = { name, label, profile, codes, records: [], consents: [], dead: false };
    residents.push(known);
    const token = await api.mint({
      role: 'resident',
      subject: subjectOf(),
      document: { type: '03', number },
      minutes: TOKEN_MINUTES,
    });
    // The first request of a sign-in binds it, which is an event of its own.
    await api.post(token, '{ me { __typename } }');
    actors.push({ name, role: 'resident', token, id: label, resident: known });
    return known;
  };
  const tokenOf = (of: KnownResident): string => actors.find((actor) => actor.resident === of)?.token as string;

  const operator: KnownHospital = await operatorOf(api, cast);
  hospitals.push(operator);
  const a = await hospital('A');
  const b = await hospital('B');
  const c = await hospital('C');
  const e = await hospital('E');
  const d1 = await doctor('D1', [a]);
  const d2 = await doctor('D2', [a]);
  const d3 = await doctor('D3', [b]);
  const d4 = await doctor('D4', [a, b]);
  const d5 = await doctor('D5', [c]);
  const gone = await doctor('Gone', [a]);
  const stranded = await doctor('Stranded', [e]);
  const byD1 = await practitioner('D1 in A', d1, a);
  const byD2 = await practitioner('D2 in A', d2, a);
  const byD3 = await practitioner('D3 in B', d3, b);
  const byD4 = await practitioner('D4 in B', d4, b);
  await practitioner('D4 in A', d4, a);
  const byD5 = await practitioner('D5 in C', d5, c);
  await practitioner('D3 with a token for A', d3, a);
  const byGone = await practitioner('a doctor who has ended', gone, a);
  await practitioner('a doctor of a hospital that has ended', stranded, e);
  await practitioner('nobody', undefined, a);
  await officer('regulator', 'regulator', operator);
  await officer('regulator', 'a regulator whose organisation has ended', e);
  await officer('issuer', 'office', operator);
  await officer('issuer', 'an office that has ended', e);
  const systemOfC = await officer('system', 'system of C', c);

  const writers = new Map([
    [a, [byD1, byD2, byGone]],
    [b, [byD3, byD4]],
    [c, [byD5, systemOfC]],
  ]);

  const inWitnessed = async (of: KnownResident): Promise<void> => {
    const reply = await api.post(
      tokenOf(of),
      `{ me { codes { __typename ... on HealthCodes { codes { ref issuedAt } } }
        consents(first: 200) { __typename ... on ConsentConnection { edges { node { consentId requestedAt answerBy grantedAt endedAt } } } } } }`,
    );
    const me = only(reply) as unknown as { codes: { codes: { ref: string; issuedAt: string }[] }; consents: unknown };
    for (const [i, code] of of.codes.entries()) Object.assign(code, me.codes.codes[i]);
    const shown = (me.consents as { edges: { node: { consentId: string } & KnownConsent['instants'] }[] }).edges;
    for (const {
      node: { consentId, ...instants },
    } of shown) {
      const known = of.consents.find(({ id }) => id === consentId);
      if (known === undefined) throw new Error(`${of.name} has a consent that nobody gave`);
      known.instants = instants;
    }
  };
  const UNKNOWN_YET = { requestedAt: null, answerBy: null, grantedAt: null, endedAt: null };
  const codeOf = (of: KnownResident): string => of.codes.at(-1)?.text as string;
  const sorted = <T extends string>(of: readonly T[], least: number, most: number): T[] =>
    dice.some([...of].sort(), least, most);

  const population: Population = {
    truth: {
      hospitals,
      doctors,
      residents,
      actors,
      planted: marks.planted,
      policy: { hash: '', version: '', rules: [] },
    },
    cast,
    dice,
    markers: marks,
    writers,
    office: cast.office,
    tokenOf,
    witness: inWitnessed,
    anyTerms: () => {
      const institution = dice.pick([a, b, c]);
      const of = doctors.filter(({ ended, affiliations }) => !ended && affiliations.includes(institution));
      const personally = dice.chance(0.25);
      const [from, to] = [day(dice), day(dice)].sort() as [string, string];
      const later = dice.chance(0.1);
      return {
        grantee: personally
          ? { kind: 'PRACTITIONER', institution: institution.id, practitioner: dice.pick(of).id }
          : { kind: 'INSTITUTION', institution: institution.id },
        purposes: sorted(GRANTED_PURPOSES, 1, 3),
        categories: sorted(CATEGORIES, 1, dice.chance(0.4) ? 9 : 4),
        labels: dice.chance(0.5) ? [] : sorted(LABELS, 1, 10),
        period: dice.chance(0.6) ? ALL_TIME : { from, to },
        validFrom: inMs(later ? DAY_MS : -60_000),
        validUntil: inMs(2 * DAY_MS),
      };
    },
    register: async (of, by, old) => {
      const taken = new Set(of.records.map(({ period }) => period.to));
      let period = old?.period;
      while (period === undefined || (old === undefined && taken.has(period.to))) {
        const [from, to] = [day(dice), day(dice)].sort() as [string, string];
        period = dice.chance(0.5) ? { from: to, to } : { from, to };
      }
      const name = old?.name ?? `${of.name}.${of.records.length}`;
      const made = {
        category: dice.pick(CATEGORIES),
        sensitivities: dice.chance(0.65) ? [] : sorted(SENSITIVITIES, 1, 2),
        confidentiality: dice.chance(0.75) ? 'N' : dice.pick(['U', 'L', 'M', 'R', 'V']),
        code: dice.chance(0.4) ? { system: 'urn:clinical', code: marks.next('clinical') } : null,
        title: `${name} ${marks.next('title')}`,
        content: JSON.stringify({ finding: marks.next('text'), of: name, text: '病历' }),
        mediaType: 'application/json',
      };
      const source = old?.source ?? { system: never(), type: `Type ${marks.next('clinical')}`, id: never() };
      const index = old?.index ?? dice.pick(['EHR', 'EMR']);
      const at = old?.at ?? `${period.from}T08:00:00.000Z`;
      const { code: codeOfType, ...rest } = made;
      const input = {
        ...rest,
        ...(codeOfType === null ? {} : { codeOfType }),
        code: codeOf(of),
        index,
        period,
        at,
        type: source.type,
        sourceSystem: source.system,
        sourceId: source.id,
      };
      await cast.done(by.token, 'registerRecord', input);
      const author = by.doctor ?? null;
      if (old !== undefined) Object.assign(old, made, { author });
      else
        of.records.push({
          name,
          custodian: by.organisation as KnownHospital,
          source,
          index,
          at,
          period,
          author,
          ...made,
          withdrawn: false,
        });
    },
    withdraw: async (record, of) => {
      const by = (writers.get(record.custodian) ?? [])[0] as KnownActor;
      const { system: sourceSystem, type, id: sourceId } = record.source;
      const input = { code: codeOf(of), sourceSystem, type, sourceId, reason: 'CUSTODIAN' };
      await cast.done(by.token, 'withdrawRecord', input);
      record.withdrawn = true;
    },
    grant: async (of, terms, asked) => {
      const evidence = { ...EVIDENCE, noticeVersion: never() };
      const input = { terms, evidence, ...(asked === undefined ? {} : { consentId: asked.id }) };
      const { consentId } = await cast.done(tokenOf(of), 'grantConsent', input);
      if (asked !== undefined) Object.assign(asked, { terms, fate: 'granted' });
      else of.consents.push({ id: consentId as string, terms, fate: 'granted', instants: UNKNOWN_YET });
    },
    request: async (of, by) => {
      const { grantee, ...terms } = population.anyTerms();
      const institution = (by.organisation as KnownHospital).id;
      const granteeKind = grantee.kind;
      const input = { ...terms, granteeKind, code: codeOf(of), message: never() };
      const { consentId } = await cast.done(by.token, 'requestConsent', input);
      const asked =
        granteeKind === 'PRACTITIONER'
          ? { kind: granteeKind, institution, practitioner: by.id }
          : { kind: granteeKind, institution };
      of.consents.push({
        id: consentId as string,
        terms: { ...terms, grantee: asked },
        fate: 'requested',
        instants: UNKNOWN_YET,
      });
    },
    end: async (of, consent) => {
      const command = consent.fate === 'requested' ? 'denyConsent' : 'revokeConsent';
      await cast.done(tokenOf(of), command, { consentId: consent.id });
      consent.fate = consent.fate === 'requested' ? 'denied' : 'revoked';
    },
  };
  return { population, resident, parts: { a, b, c, e, gone } };
}

/** The operator's own organisation, which the node registered when it was opened. */
async function operatorOf(api: ApiUnderTest, cast: Cast): Promise<KnownHospital> {
  const query = `query ($key: IdentifierInput!) { institution(identifier: $key) { id name region level kind } }`;
  const found = only(await api.post(cast.regulator, query, { key: cast.operator })) as unknown as KnownHospital;
  return { ...found, key: cast.operator, ended: false };
}
