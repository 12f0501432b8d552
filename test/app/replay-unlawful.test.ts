import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actorRef } from '../../src/app/actor.ts';
import { checkLedger } from '../../src/audit/check-ledger.ts';
import type { DifferenceKind } from '../../src/audit/replay/difference.ts';
import type { AnyNewEvent } from '../../src/domain/catalogue.ts';
import { codeFold } from '../../src/domain/code/fold.ts';
import { toBase64Url } from '../../src/kernel/base64.ts';
import {
  type Id16,
  id16Bytes,
  institutionStream,
  ledgerStream,
  type Mark,
  practitionerStream,
  type StreamName,
  toEventId,
  toId16,
} from '../../src/kernel/id.ts';
import { addMs } from '../../src/kernel/instant.ts';
import { servedRoot } from '../../src/ledger/served-set.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import {
  type Doctor,
  EVIDENCE,
  type Hospital,
  newRequest,
  type Resident,
  terms,
  value,
  verdictOn,
  type World,
  worldOf,
} from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { asRead, guarding, type Unlawful, unlawfully } from '../support/unlawful.ts';

/** Whoever writes past the rules is found by replay, although seals, chains and conditions are right; each kind of it by name. */

let node: TestNode;
let world: World;
let mercy: Hospital;
let grace: Hospital;
let zhao: Doctor;
let qian: Doctor;
let policy: string;
let ledger: StreamName;
beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
  [mercy, grace] = [await world.hospital('Mercy'), await world.hospital('Grace')];
  [zhao, qian] = [await world.doctor(mercy), await world.doctor(grace)];
  policy = (await node.platform.policy(world.office))?.hash ?? '';
  ledger = ledgerStream(node.app.region);
});
afterAll(() => node.close());

const salt = nodeEntropy.bytes(32);
const empty = toBase64Url(servedRoot(suite, salt, []));
const markOf = (text: string): Mark => toBase64Url(suite.hash(new TextEncoder().encode(text))) as Mark;
const anyId = (): Id16 => toId16(nodeEntropy.bytes(16));
const of = (doctor: Doctor) => actorRef(doctor.caller.actor);
const office = () => actorRef(world.office.actor);
const regulator = () => actorRef(world.regulator.actor);
const self = (resident: Resident) => actorRef(resident.caller.actor);
const asking = (resident: Resident, doctor: Doctor, hospital: Hospital) =>
  asRead(resident.stream, practitionerStream(doctor.id), institutionStream(hospital.id), ledger);

/** A permit as the gate would write it under that grant, with nothing served. */
const permit = (consentId: Id16 | undefined, over: object = {}, ids: readonly object[] = []): AnyNewEvent =>
  ({
    type: 'access.permitted@1',
    retained: {
      purpose: 'TREAT',
      selection: { what: 'records', first: 20, page: 1 },
      policy,
      rule: 'grant',
      basis: 'PIPL-13-1',
      ...(consentId === undefined ? {} : { winner: consentId }),
      grants: consentId === undefined ? [] : [consentId],
      policyRules: [],
      served: { categories: [], count: 0, matched: 0, root: empty },
      ...over,
    },
    personal: { served: { ids, salt: toBase64Url(salt) } },
  }) as AnyNewEvent;
const deny = (rule: string, over: object = {}): AnyNewEvent =>
  ({
    type: 'access.denied@1',
    retained: { purpose: 'TREAT', selection: { what: 'records', first: 20, page: 1 }, policy, rule, ...over },
    personal: {},
  }) as AnyNewEvent;
const grantOf = (consentId: Id16, given: ReturnType<typeof terms>): AnyNewEvent => ({
  type: 'consent.granted@1',
  retained: { consentId, terms: given, evidence: EVIDENCE },
  personal: {},
});

/** A resident with a live grant to Grace. */
async function granted() {
  const anna = await world.resident();
  return { anna, consentId: await world.grant(anna, terms(grace)) };
}
const granting = (resident: Resident, hospital: Hospital) => guarding(resident.stream, institutionStream(hospital.id));

type Told = readonly [
  title: string,
  kind: DifferenceKind,
  recorded: string,
  follows: string,
  make: () => Promise<Unlawful>,
];

const ACCESSES: readonly Told[] = [
  [
    'a permit without any grant',
    'decision',
    'access.permitted@1 by rule grant',
    'access.denied@1 by rule no-consent',
    async () => {
      const anna = await world.resident();
      return { stream: anna.stream, by: of(qian), events: [permit(anyId())], seen: asking(anna, qian, grace) };
    },
  ],
  [
    'a permit after the revocation that it says it has seen',
    'decision',
    'access.permitted@1 by rule grant',
    'access.denied@1 by rule no-consent',
    async () => {
      const { anna, consentId } = await granted();
      value(await node.platform.revokeConsent(anna.caller, newRequest(), { consentId }));
      return { stream: anna.stream, by: of(qian), events: [permit(consentId)], seen: asking(anna, qian, grace) };
    },
  ],
  [
    "a permit by a grant that is another hospital's",
    'decision',
    'access.permitted@1 by rule grant',
    'access.denied@1 by rule no-consent',
    async () => {
      const { anna, consentId } = await granted();
      return { stream: anna.stream, by: of(zhao), events: [permit(consentId)], seen: asking(anna, zhao, mercy) };
    },
  ],
  [
    'a permit for a practitioner who has ended',
    'decision',
    'access.permitted@1 by rule grant',
    'access.denied@1 by rule actor-ended',
    async () => {
      const { anna, consentId } = await granted();
      const sun = await world.doctor(grace);
      value(await node.platform.endPractitioner(world.regulator, newRequest(), { id: sun.id, reason: 'left' }));
      return { stream: anna.stream, by: of(sun), events: [permit(consentId)], seen: asking(anna, sun, grace) };
    },
  ],
  [
    'a permit to see the records of the dead',
    'decision',
    'access.permitted@1 by rule grant',
    'access.denied@1 by rule code-not-live',
    async () => {
      const { anna, consentId } = await granted();
      value(await node.platform.reportDeath(world.office, newRequest(), { code: anna.code }));
      return { stream: anna.stream, by: of(qian), events: [permit(consentId)], seen: asking(anna, qian, grace) };
    },
  ],
  [
    'a permit through a code that is suspended',
    'decision',
    'access.permitted@1 by rule grant',
    'access.denied@1 by rule code-not-live',
    async () => {
      const { anna, consentId } = await granted();
      value(await node.platform.suspendCode(anna.caller, newRequest(), { reason: 'lost' }));
      return { stream: anna.stream, by: of(qian), events: [permit(consentId)], seen: asking(anna, qian, grace) };
    },
  ],
  [
    'a permit that names another grant than the one that covers it',
    'field',
    'access.permitted@1 grants',
    'another grants',
    async () => {
      const { anna } = await granted();
      return { stream: anna.stream, by: of(qian), events: [permit(anyId())], seen: asking(anna, qian, grace) };
    },
  ],
  [
    'a permit under a policy that was never adopted',
    'field',
    'access.permitted@1 policy',
    'the policy in force',
    async () => {
      const { anna, consentId } = await granted();
      const other = permit(consentId, { policy: empty });
      return { stream: anna.stream, by: of(qian), events: [other], seen: asking(anna, qian, grace) };
    },
  ],
  [
    'a permit with another basis in law',
    'field',
    'access.permitted@1 basis',
    'another basis',
    async () => {
      const { anna, consentId } = await granted();
      const other = permit(consentId, { basis: 'PIPL-13-2' });
      return { stream: anna.stream, by: of(qian), events: [other], seen: asking(anna, qian, grace) };
    },
  ],
  [
    'a permit that serves what the grant does not cover',
    'served',
    'served categories',
    'categories that the decision covers',
    async () => {
      const anna = await world.resident();
      const consentId = await world.grant(anna, terms(grace, { categories: ['imaging'] }));
      const id = anyId();
      const root = toBase64Url(servedRoot(suite, salt, [{ id: id16Bytes(id), revision: 0n, part: 1 }]));
      const served = { categories: ['invoice'], count: 1, matched: 1, root };
      const other = permit(consentId, { served }, [{ id, revision: 0, part: 1 }]);
      return { stream: anna.stream, by: of(qian), events: [other], seen: asking(anna, qian, grace) };
    },
  ],
  [
    'a permit that lives longer than the grant',
    'not-after',
    'notAfter',
    'an earlier notAfter',
    async () => {
      const anna = await world.resident();
      const consentId = await world.grant(anna, terms(grace, { validUntil: addMs(node.app.clock.now(), 4_000) }));
      return { stream: anna.stream, by: of(qian), events: [permit(consentId)], seen: asking(anna, qian, grace) };
    },
  ],
  [
    'an access that guards no consent',
    'guards',
    'seen without consent.',
    'consent. of resident guarded',
    async () => {
      const { anna, consentId } = await granted();
      const [first, ...rest] = asking(anna, qian, grace);
      const kinds = READ_KINDS.filter((kind) => kind !== 'consent.');
      const seen = [{ stream: first?.stream as StreamName, kinds }, ...rest];
      return { stream: anna.stream, by: of(qian), events: [permit(consentId)], seen };
    },
  ],
  [
    'a denial by another rule than the one that says so',
    'decision',
    'access.denied@1 by rule deceased',
    'access.denied@1 by rule no-consent',
    async () => {
      const anna = await world.resident();
      return { stream: anna.stream, by: of(qian), events: [deny('deceased')], seen: asking(anna, qian, grace) };
    },
  ],
  [
    'a denial where there is a grant',
    'decision',
    'access.denied@1 by rule no-consent',
    'access.permitted@1 by rule grant',
    async () => {
      const { anna } = await granted();
      return { stream: anna.stream, by: of(qian), events: [deny('no-consent')], seen: asking(anna, qian, grace) };
    },
  ],
  [
    'records opened by an office, which opens none',
    'actor',
    'issuer records',
    'no such read',
    async () => {
      const { anna, consentId } = await granted();
      const seen = asRead(anna.stream, institutionStream(office().organisation as Id16), ledger);
      return { stream: anna.stream, by: office(), events: [permit(consentId)], seen };
    },
  ],
  [
    'a trail read by a practitioner',
    'actor',
    'practitioner access-log',
    'no such read',
    async () => {
      const anna = await world.resident();
      const served = { count: 0, matched: 0, root: empty };
      const retained = { filter: { resident: anna.label }, basis: 'PIPL-13-3', page: 1, served, salt: empty };
      const event = { type: 'access.log-read@1', retained, personal: {} } as const;
      return { stream: anna.stream, by: of(qian), events: [event], seen: asking(anna, qian, grace) };
    },
  ],
  [
    "a trail of one resident recorded in the asker's stream",
    'place',
    'in a stream of institution',
    'where the trail is about',
    async () => {
      const anna = await world.resident();
      const served = { count: 0, matched: 0, root: empty };
      const retained = { filter: { resident: anna.label }, basis: 'PIPL-13-3', page: 1, served, salt: empty };
      const own = institutionStream(regulator().organisation as Id16);
      const event = { type: 'access.log-read@1', retained, personal: {} } as const;
      return { stream: own, by: regulator(), events: [event], seen: guarding(own, ledger) };
    },
  ],
  [
    "a miss recorded in a stream that is not the asker's",
    'place',
    'in another stream',
    'in the asker’s own stream',
    async () => {
      const retained = { purpose: 'TREAT', selection: { what: 'records' }, policy } as const;
      const streams = [practitionerStream(qian.id), institutionStream(grace.id), ledger];
      const event = { type: 'access.missed@1', retained, personal: {} } as const;
      return { stream: institutionStream(grace.id), by: of(qian), events: [event], seen: guarding(...streams) };
    },
  ],
];

const READ_KINDS = ['code.', 'consent.', 'emergency.', 'erasure.', 'identity.', 'record.'];

const CONSENTS: readonly Told[] = [
  [
    'a grant wider than its request',
    'decision',
    'consent.granted@1',
    'refused: grant-exceeds-request',
    async () => {
      const anna = await world.resident();
      const asked = {
        ...terms(grace, { categories: ['imaging'] }),
        granteeKind: 'institution',
        code: anna.code,
      } as const;
      const { grantee: _grantee, ...input } = asked;
      const { consentId } = value(await node.platform.requestConsent(qian.caller, newRequest(), input as never));
      const wider = terms(grace, { categories: ['imaging', 'invoice'] });
      return {
        stream: anna.stream,
        by: self(anna),
        events: [grantOf(consentId as Id16, wider)],
        seen: granting(anna, grace),
      };
    },
  ],
  [
    'a grant of a request that nobody made',
    'decision',
    'consent.granted@1',
    'refused: no-such-request',
    async () => {
      const anna = await world.resident();
      return {
        stream: anna.stream,
        by: self(anna),
        events: [grantOf(anyId(), terms(grace))],
        seen: granting(anna, grace),
      };
    },
  ],
  [
    "a grant of somebody else's records",
    'decision',
    'consent.granted@1',
    'refused: not-permitted',
    async () => {
      const [anna, ben] = [await world.resident(), await world.resident()];
      const firstId = toEventId(nodeEntropy.bytes(16));
      const consentId = node.app.vault.derivedId(firstId, 'consent');
      const events = [grantOf(consentId, terms(grace))];
      return { stream: anna.stream, by: self(ben), events, seen: granting(anna, grace), firstId };
    },
  ],
  [
    'a grant to an organisation that nobody registered',
    'decision',
    'consent.granted@1',
    'refused: grantee-not-available',
    async () => {
      const anna = await world.resident();
      const firstId = toEventId(nodeEntropy.bytes(16));
      const nowhere = { ...grace, id: anyId() };
      const events = [grantOf(node.app.vault.derivedId(firstId, 'consent'), terms(nowhere))];
      return { stream: anna.stream, by: self(anna), events, seen: granting(anna, nowhere), firstId };
    },
  ],
  [
    'a revocation by the grantee',
    'decision',
    'consent.revoked@1',
    'refused: not-permitted',
    async () => {
      const { anna, consentId } = await granted();
      const event = { type: 'consent.revoked@1', retained: { consentId, reason: 'resident' }, personal: {} } as const;
      return { stream: anna.stream, by: of(qian), events: [event] };
    },
  ],
  [
    'a request by a practitioner who does not work there',
    'decision',
    'consent.requested@1',
    'refused: not-affiliated',
    async () => {
      const anna = await world.resident();
      const by = { ...of(zhao), organisation: grace.id };
      const firstId = toEventId(nodeEntropy.bytes(16));
      const consentId = node.app.vault.derivedId(firstId, 'consent');
      const retained = { consentId, terms: terms(grace), answerBy: addMs(node.app.clock.now(), 60_000) };
      const event = { type: 'consent.requested@1', retained, personal: {} } as const;
      const seen = guarding(anna.stream, practitionerStream(zhao.id), institutionStream(grace.id));
      return { stream: anna.stream, by, events: [event], seen, firstId };
    },
  ],
  [
    'a request that was denied for a reason that there was not',
    'decision',
    'access.denied@1 by rule deceased',
    'consent.requested@1',
    async () => {
      const anna = await world.resident();
      const retained = { purpose: 'TREAT', selection: { what: 'consent' }, rule: 'deceased' } as const;
      const event = { type: 'access.denied@1', retained, personal: {} } as const;
      return {
        stream: anna.stream,
        by: of(qian),
        events: [event],
        seen: asking(anna, qian, grace).map((one, i) => (i === 0 ? { ...one, kinds: READ_KINDS } : one)),
      };
    },
  ],
];

const PERSONS: readonly Told[] = [
  [
    'a code closed that leaves a grant alive',
    'decision',
    'nothing more',
    'consent.revoked@1',
    async () => {
      const { anna } = await granted();
      const { codeRef } = await codeOf(anna);
      const event = { type: 'code.closed@1', retained: { codeRef, reason: 'office' }, personal: {} } as const;
      return { stream: anna.stream, by: office(), events: [event] };
    },
  ],
  [
    'a code closed by the resident, which is the office’s to do',
    'actor',
    'resident code.closed@1',
    'no such command',
    async () => {
      const anna = await world.resident();
      const { codeRef } = await codeOf(anna);
      const event = { type: 'code.closed@1', retained: { codeRef, reason: 'resident' }, personal: {} } as const;
      return { stream: anna.stream, by: self(anna), events: [event] };
    },
  ],
  [
    'a second code beside a live one',
    'append',
    'code.issued@1',
    'no command makes this here',
    async () => {
      const anna = await world.resident();
      const event = {
        type: 'code.issued@1',
        retained: { codeRef: markOf('x'), kind: 'static' },
        personal: { code: 'X' },
      } as const;
      return { stream: anna.stream, by: office(), events: [event] };
    },
  ],
  [
    'a suspension by the office lifted by the resident',
    'decision',
    'code.resumed@1',
    'refused: suspended-by-office',
    async () => {
      const anna = await world.resident();
      value(await node.platform.suspendCode(world.office, newRequest(), { code: anna.code, reason: 'misuse' }));
      const { codeRef } = await codeOf(anna);
      const event = { type: 'code.resumed@1', retained: { codeRef }, personal: {} } as const;
      return { stream: anna.stream, by: self(anna), events: [event] };
    },
  ],
  [
    'somebody registered twice',
    'decision',
    'identity.registered@1',
    'identity.presented@1',
    async () => {
      const anna = await world.resident();
      const retained = { region: '110105', documents: [markOf('d')] };
      const personal = { name: 'A', documents: [{ type: '03', issuer: 'i', number: '1' }] };
      const event = { type: 'identity.registered@1', retained, personal } as const;
      return { stream: anna.stream, by: office(), events: [event] };
    },
  ],
  [
    'a death reported by a practitioner',
    'actor',
    'practitioner identity.deceased@1',
    'no such command',
    async () => {
      const anna = await world.resident();
      const event = { type: 'identity.deceased@1', retained: {}, personal: {} } as const;
      return { stream: anna.stream, by: of(qian), events: [event] };
    },
  ],
  [
    'a death that closes no code',
    'decision',
    'nothing more',
    'code.closed@1',
    async () => {
      const anna = await world.resident();
      const event = { type: 'identity.deceased@1', retained: {}, personal: {} } as const;
      return { stream: anna.stream, by: office(), events: [event] };
    },
  ],
  [
    'a sign-in bound by the office',
    'actor',
    'issuer identity.login-bound@1',
    'no such command',
    async () => {
      const anna = await world.resident();
      const personal = { issuer: 'i', subject: 's' };
      const event = { type: 'identity.login-bound@1', retained: { login: markOf('l') }, personal } as const;
      return { stream: anna.stream, by: office(), events: [event] };
    },
  ],
  [
    'a record withdrawn by a stranger',
    'decision',
    'record.withdrawn@1',
    'refused: not-custodian',
    async () => {
      const { anna, recordId } = await withRecord();
      const event = { type: 'record.withdrawn@1', retained: { recordId, reason: 'custodian' }, personal: {} } as const;
      const seen = guarding(anna.stream, practitionerStream(qian.id), institutionStream(grace.id));
      return { stream: anna.stream, by: of(qian), events: [event], seen };
    },
  ],
  [
    'a record taken over by another organisation',
    'decision',
    'record.replaced@1',
    'refused: not-custodian',
    async () => {
      const { anna, retained } = await withRecord();
      const stolen = {
        ...retained,
        custodian: grace.id,
        author: qian.id,
        source: { ...retained.source, version: markOf('v') },
      };
      const event = { type: 'record.replaced@1', retained: stolen, personal: PERSONAL_RECORD } as const;
      const seen = guarding(anna.stream, practitionerStream(qian.id), institutionStream(grace.id));
      return { stream: anna.stream, by: of(qian), events: [event as unknown as AnyNewEvent], seen };
    },
  ],
  [
    "a record under another practitioner's name",
    'field',
    'record.replaced@1 author',
    'the one practitioner who asks',
    async () => {
      const { anna, retained } = await withRecord();
      const other = { ...retained, author: qian.id, source: { ...retained.source, version: markOf('w') } };
      const event = { type: 'record.replaced@1', retained: other, personal: PERSONAL_RECORD } as const;
      const seen = guarding(anna.stream, practitionerStream(zhao.id), institutionStream(mercy.id));
      return { stream: anna.stream, by: of(zhao), events: [event as unknown as AnyNewEvent], seen };
    },
  ],
];

const PARTIES: readonly Told[] = [
  [
    'a practitioner who affiliates himself',
    'actor',
    'practitioner practitioner.changed@1',
    'no such command',
    async () => {
      const profile = { identifiers: [qian.key], name: qian.name, affiliations: [grace.id, mercy.id].sort() };
      const event = {
        type: 'practitioner.changed@1',
        retained: { ...profile, contacts: 'kept' },
        personal: {},
      } as const;
      return { stream: practitionerStream(qian.id), by: of(qian), events: [event] };
    },
  ],
  [
    'an organisation that loses an identifier',
    'field',
    'institution.changed@1 identifiers',
    'another identifiers',
    async () => {
      const hope = await world.hospital('Hope');
      const profile = { identifiers: [{ system: 'urn:uscc', number: 'another' }], name: 'Hope' };
      const event = {
        type: 'institution.changed@1',
        retained: { ...profile, contacts: 'kept' },
        personal: {},
      } as const;
      return { stream: institutionStream(hope.id), by: regulator(), events: [event] };
    },
  ],
  [
    'an organisation changed after its end',
    'decision',
    'institution.changed@1',
    'refused: institution-ended',
    async () => {
      const hope = await world.hospital('Hope');
      value(await node.platform.endInstitution(world.regulator, newRequest(), { id: hope.id, reason: 'closed' }));
      const profile = { identifiers: [hope.key], name: 'Hope again' };
      const event = {
        type: 'institution.changed@1',
        retained: { ...profile, contacts: 'kept' },
        personal: {},
      } as const;
      return { stream: institutionStream(hope.id), by: regulator(), events: [event] };
    },
  ],
  [
    'a policy under a hash that is not its own',
    'field',
    'ledger.policy-adopted@1 hash',
    'another hash',
    async () => {
      const event = {
        type: 'ledger.policy-adopted@1',
        retained: { policy: { version: '0', rules: [] }, hash: empty },
        personal: {},
      } as const;
      return { stream: ledger, by: regulator(), events: [event] };
    },
  ],
  [
    'a policy adopted by a hospital',
    'actor',
    'practitioner ledger.policy-adopted@1',
    'no such command',
    async () => {
      const event = {
        type: 'ledger.policy-adopted@1',
        retained: { policy: { version: '0', rules: [] }, hash: empty },
        personal: {},
      } as const;
      return { stream: ledger, by: of(zhao), events: [event] };
    },
  ],
];

const PERSONAL_RECORD = {
  type: 'Encounter',
  title: 't',
  at: '2024-03-01T08:00:00.000Z',
  sensitivities: [],
  confidentiality: 'N',
  content: { id: anyId(), hash: empty, mediaType: 'text/plain', size: 1 },
  sourceSystem: 's',
  sourceId: 'i',
};

async function codeOf(resident: Resident): Promise<{ readonly codeRef: Mark }> {
  const { state } = await node.app.states.load(resident.stream, { code: codeFold });
  if (state.code.live === undefined) throw new Error('no live code');
  return state.code.live;
}

/** A resident with a record of Mercy, by Zhao, as its event says it. */
async function withRecord() {
  const anna = await world.resident();
  const { events } = await world.appended(() => world.record(zhao, anna));
  const [event] = events;
  if (event?.type !== 'record.registered@1' || event.retained === 'expired') throw new Error('no record');
  const { by: _by, decided: _decided, notAfter: _until, seen: _seen, ...retained } = event.retained;
  return { anna, recordId: retained.recordId, retained };
}

describe('what does not follow is found, and named by code alone:', () => {
  it.each([...ACCESSES, ...CONSENTS, ...PERSONS])('%s', async (_title, kind, recorded, follows, make) => {
    const found = await unlawfully(node, await make());
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ kind, recorded, follows });
  });

  // These change what holds for everybody, so they come last.
  it.each(PARTIES)('%s', async (_title, kind, recorded, follows, make) => {
    const found = await unlawfully(node, await make());
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ kind, recorded, follows });
  });

  it('while all of it is well to whoever checks bytes, keys, chains and conditions only', async () => {
    const { stored, now, openRetained, openPersonal } = node.audit;
    expect((await checkLedger({ stored, suite, now, openRetained, openPersonal })).finding).toBeUndefined();
    await expect(verdictOn(node)).rejects.toThrow('decisions do not follow');
  });
});
