import type { AnyNewEvent } from '../../src/domain/catalogue.ts';
import { type Id16, institutionStream, practitionerStream, toEventId } from '../../src/kernel/id.ts';
import { addMs } from '../../src/kernel/instant.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { newRequest, terms, value } from '../support/people.ts';
import { guarding } from '../support/unlawful.ts';
import {
  anyId,
  asking,
  codeOf,
  empty,
  grace,
  granted,
  granting,
  grantOf,
  ledger,
  markOf,
  mercy,
  node,
  of,
  office,
  PERSONAL_RECORD,
  qian,
  READ_KINDS,
  regulator,
  self,
  type Told,
  withRecord,
  world,
  zhao,
} from './unlawful-world.ts';

/** Consents, codes, people, records and parties that the rules would not have written so. */

export const CONSENTS: readonly Told[] = [
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

export const PERSONS: readonly Told[] = [
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

export const PARTIES: readonly Told[] = [
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
