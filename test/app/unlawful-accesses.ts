import { toBase64Url } from '../../src/kernel/base64.ts';
import { type Id16, id16Bytes, institutionStream, practitionerStream, type StreamName } from '../../src/kernel/id.ts';
import { addMs } from '../../src/kernel/instant.ts';
import { servedRoot } from '../../src/ledger/served-set.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { newRequest, terms, value } from '../support/people.ts';
import { asRead, guarding } from '../support/unlawful.ts';
import {
  anyId,
  asking,
  deny,
  empty,
  grace,
  granted,
  ledger,
  mercy,
  node,
  of,
  office,
  permit,
  policy,
  qian,
  READ_KINDS,
  regulator,
  salt,
  type Told,
  world,
  zhao,
} from './unlawful-world.ts';

/** Reads that the rules would not have made so. */

export const ACCESSES: readonly Told[] = [
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
