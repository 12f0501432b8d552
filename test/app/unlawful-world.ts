import { actorRef } from '../../src/app/actor.ts';
import type { DifferenceKind } from '../../src/audit/replay/difference.ts';
import type { AnyNewEvent } from '../../src/domain/catalogue.ts';
import { codeFold } from '../../src/domain/code/fold.ts';
import { toBase64Url } from '../../src/kernel/base64.ts';
import {
  type Id16,
  institutionStream,
  ledgerStream,
  type Mark,
  practitionerStream,
  type StreamName,
  toId16,
} from '../../src/kernel/id.ts';
import { servedRoot } from '../../src/ledger/served-set.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { type Doctor, EVIDENCE, type Hospital, type Resident, terms, type World, worldOf } from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { asRead, guarding, type Unlawful } from '../support/unlawful.ts';

/** Where the cases of replay-unlawful.test.ts take place, and the events that a forger makes up. Set by `openUnlawful`. */

export let node: TestNode;
export let world: World;
export let mercy: Hospital;
export let grace: Hospital;
export let zhao: Doctor;
export let qian: Doctor;
export let policy: string;
export let ledger: StreamName;

/** Opens a node with two hospitals and a doctor in each; the caller closes it. */
export async function openUnlawful(): Promise<TestNode> {
  node = await openTestNode();
  world = await worldOf(node);
  [mercy, grace] = [await world.hospital('Mercy'), await world.hospital('Grace')];
  [zhao, qian] = [await world.doctor(mercy), await world.doctor(grace)];
  policy = (await node.platform.policy(world.office))?.hash ?? '';
  ledger = ledgerStream(node.app.region);
  return node;
}

export const salt = nodeEntropy.bytes(32);
export const empty = toBase64Url(servedRoot(suite, salt, []));
export const markOf = (text: string): Mark => toBase64Url(suite.hash(new TextEncoder().encode(text))) as Mark;
export const anyId = (): Id16 => toId16(nodeEntropy.bytes(16));
export const of = (doctor: Doctor) => actorRef(doctor.caller.actor);
export const office = () => actorRef(world.office.actor);
export const regulator = () => actorRef(world.regulator.actor);
export const self = (resident: Resident) => actorRef(resident.caller.actor);
export const asking = (resident: Resident, doctor: Doctor, hospital: Hospital) =>
  asRead(resident.stream, practitionerStream(doctor.id), institutionStream(hospital.id), ledger);

/** A permit as the gate would write it under that grant, with nothing served. */
export const permit = (consentId: Id16 | undefined, over: object = {}, ids: readonly object[] = []): AnyNewEvent =>
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
export const deny = (rule: string, over: object = {}): AnyNewEvent =>
  ({
    type: 'access.denied@1',
    retained: { purpose: 'TREAT', selection: { what: 'records', first: 20, page: 1 }, policy, rule, ...over },
    personal: {},
  }) as AnyNewEvent;
export const grantOf = (consentId: Id16, given: ReturnType<typeof terms>): AnyNewEvent => ({
  type: 'consent.granted@1',
  retained: { consentId, terms: given, evidence: EVIDENCE },
  personal: {},
});

/** A resident with a live grant to Grace. */
export async function granted() {
  const anna = await world.resident();
  return { anna, consentId: await world.grant(anna, terms(grace)) };
}
export const granting = (resident: Resident, hospital: Hospital) =>
  guarding(resident.stream, institutionStream(hospital.id));

export type Told = readonly [
  title: string,
  kind: DifferenceKind,
  recorded: string,
  follows: string,
  make: () => Promise<Unlawful>,
];
export const READ_KINDS = ['code.', 'consent.', 'emergency.', 'erasure.', 'identity.', 'record.'];

export const PERSONAL_RECORD = {
  type: 'Encounter',
  title: 't',
  at: '2024-03-01T08:00:00.000Z',
  sensitivities: [],
  confidentiality: 'N',
  content: { id: anyId(), hash: empty, mediaType: 'text/plain', size: 1 },
  sourceSystem: 's',
  sourceId: 'i',
};

export async function codeOf(resident: Resident): Promise<{ readonly codeRef: Mark }> {
  const { state } = await node.app.states.load(resident.stream, { code: codeFold });
  if (state.code.live === undefined) throw new Error('no live code');
  return state.code.live;
}

/** A resident with a record of Mercy, by Zhao, as its event says it. */
export async function withRecord() {
  const anna = await world.resident();
  const { events } = await world.appended(() => world.record(zhao, anna));
  const [event] = events;
  if (event?.type !== 'record.registered@1' || event.retained === 'expired') throw new Error('no record');
  const { by: _by, decided: _decided, notAfter: _until, seen: _seen, ...retained } = event.retained;
  return { anna, recordId: retained.recordId, retained };
}
