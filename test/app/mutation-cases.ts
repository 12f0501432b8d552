import type { Caller } from '../../src/app/actor.ts';
import type { Platform } from '../../src/app/api.ts';
import { FIRST_POLICY } from '../../src/app/commands/ledger.ts';
import { OPERATOR_SYSTEM } from '../../src/app/local-caller.ts';
import type { Outcome } from '../../src/app/outcome.ts';
import { EVIDENCE, newRequest, type Resident, recordInput, terms, value, type World } from '../support/people.ts';

/** Every mutation of the platform with input that it takes, on people and organisations that are new each time. */

export const MUTATIONS = [
  'registerResident',
  'linkDocuments',
  'reportDeath',
  'issueCode',
  'suspendCode',
  'resumeCode',
  'closeCode',
  'requestConsent',
  'grantConsent',
  'denyConsent',
  'revokeConsent',
  'registerRecord',
  'withdrawRecord',
  'registerInstitution',
  'changeInstitution',
  'endInstitution',
  'registerPractitioner',
  'changePractitioner',
  'endPractitioner',
  'adoptPolicy',
] as const satisfies readonly (keyof Platform)[];
export type Mutation = (typeof MUTATIONS)[number];

/** One call of a mutation, another input under which its requestId must not do anything, and somebody else of the same role. */
export interface Case {
  readonly caller: Caller;
  readonly stranger: Caller;
  readonly input: unknown;
  readonly other: unknown;
}

const party = (n: string) => ({ identifiers: [{ system: 'urn:case', number: n }], name: `Party ${n}` });
const asking = { granteeKind: 'institution', purposes: ['TREAT'], categories: ['imaging'] } as const;
const period = { from: '2024-01-01', to: '2024-12-31' };
const validUntil = new Date(Date.now() + 86_400_000).toISOString();

/** The call itself, of whichever mutation. */
export type Call = (caller: Caller, requestId: string, input: unknown) => Promise<Outcome<{ readonly event?: string }>>;
export const callOf = (platform: Platform, mutation: Mutation): Call => platform[mutation] as Call;

export async function mutationCases(world: World): Promise<{ readonly [M in Mutation]: () => Promise<Case> }> {
  const organisation = { system: OPERATOR_SYSTEM, number: world.node.app.region };
  const otherRegulator = await world.as({ role: 'regulator', subject: 'regulator-2', organisation });
  const otherOffice = await world.as({ role: 'issuer', subject: 'office-2', organisation });
  let made = 0;
  async function pending(): Promise<{ resident: Resident; consentId: string }> {
    const doctor = await world.doctor(await world.hospital());
    const resident = await world.resident();
    const input = { ...asking, code: resident.code, period, validUntil };
    const { consentId } = value(await world.node.platform.requestConsent(doctor.caller, newRequest(), input));
    return { resident, consentId };
  }

  async function officeCase(input: (code: string) => object, other: (code: string) => object): Promise<Case> {
    const { code } = await world.resident();
    return { caller: world.office, stranger: otherOffice, input: input(code), other: other(code) };
  }

  return {
    registerResident: async () => {
      const input = { region: '110105', name: 'A', documents: [{ type: '03', number: `RR${made++}` }] };
      return { caller: world.office, stranger: otherOffice, input, other: { ...input, name: 'B' } };
    },
    linkDocuments: () =>
      officeCase(
        (code) => ({ code, documents: [{ type: '03', number: `L${code}` }] }),
        (code) => ({ code, documents: [{ type: '03', number: `M${code}` }] }),
      ),
    reportDeath: () =>
      officeCase(
        (code) => ({ code }),
        (code) => ({ code, source: 'elsewhere' }),
      ),
    issueCode: async () => {
      const [one, two] = [await world.resident(), await world.resident()];
      value(await world.node.platform.closeCode(world.office, newRequest(), { code: one.code, reason: 'office' }));
      const [input, other] = [{ documents: [one.document] }, { documents: [two.document] }];
      return { caller: world.office, stranger: otherOffice, input, other };
    },
    suspendCode: () =>
      officeCase(
        (code) => ({ code, reason: 'office' }),
        (code) => ({ code, reason: 'misuse' }),
      ),
    resumeCode: async () => {
      const made = await officeCase(
        (code) => ({ code }),
        () => ({}),
      );
      value(
        await world.node.platform.suspendCode(world.office, newRequest(), {
          ...(made.input as { code: string }),
          reason: 'office',
        }),
      );
      return { ...made, other: { code: (await world.resident()).code } };
    },
    closeCode: () =>
      officeCase(
        (code) => ({ code, reason: 'office' }),
        (code) => ({ code, reason: 'replaced' }),
      ),
    requestConsent: async () => {
      const hospital = await world.hospital();
      const [doctor, colleague] = [await world.doctor(hospital), await world.doctor(hospital)];
      const input = { ...asking, code: (await world.resident()).code, period, validUntil };
      return { caller: doctor.caller, stranger: colleague.caller, input, other: { ...input, message: 'please' } };
    },
    grantConsent: async () => {
      const hospital = await world.hospital();
      const [resident, neighbour] = [await world.resident(), await world.resident()];
      const given = { terms: terms(hospital), evidence: EVIDENCE };
      const other = { ...given, evidence: { ...EVIDENCE, channel: '0100' } };
      return { caller: resident.caller, stranger: neighbour.caller, input: given, other };
    },
    denyConsent: async () => {
      const { resident, consentId } = await pending();
      const neighbour = await pending();
      return {
        caller: resident.caller,
        stranger: neighbour.resident.caller,
        input: { consentId },
        other: { consentId: neighbour.consentId },
      };
    },
    revokeConsent: async () => {
      const hospital = await world.hospital();
      const [resident, neighbour] = [await world.resident(), await world.resident()];
      const [one, two] = [await world.grant(resident, terms(hospital)), await world.grant(resident, terms(hospital))];
      return {
        caller: resident.caller,
        stranger: neighbour.caller,
        input: { consentId: one },
        other: { consentId: two },
      };
    },
    registerRecord: async () => {
      const hospital = await world.hospital();
      const [doctor, colleague] = [await world.doctor(hospital), await world.doctor(hospital)];
      const input = recordInput((await world.resident()).code);
      return { caller: doctor.caller, stranger: colleague.caller, input, other: { ...input, content: 'other' } };
    },
    withdrawRecord: async () => {
      const hospital = await world.hospital();
      const [doctor, colleague] = [await world.doctor(hospital), await world.doctor(hospital)];
      const resident = await world.resident();
      const record = recordInput(resident.code);
      value(await world.node.platform.registerRecord(doctor.caller, newRequest(), record));
      const { code, sourceSystem, type, sourceId } = record;
      const input = { code, sourceSystem, type, sourceId, reason: 'entered-in-error' };
      return { caller: doctor.caller, stranger: colleague.caller, input, other: { ...input, reason: 'custodian' } };
    },
    registerInstitution: async () => {
      const input = party(`RI${made++}`);
      return { caller: world.regulator, stranger: otherRegulator, input, other: { ...input, name: 'Another' } };
    },
    changeInstitution: async () => {
      const { id, key } = await world.hospital();
      const input = { id, identifiers: [key], name: 'Renamed' };
      return { caller: world.regulator, stranger: otherRegulator, input, other: { ...input, name: 'Otherwise' } };
    },
    endInstitution: async () => {
      const input = { id: (await world.hospital()).id, reason: 'closed down' };
      return { caller: world.regulator, stranger: otherRegulator, input, other: { ...input, reason: 'merged' } };
    },
    registerPractitioner: async () => {
      const input = { ...party(`RP${made++}`), affiliations: [(await world.hospital()).id] };
      return { caller: world.regulator, stranger: otherRegulator, input, other: { ...input, title: 'Chief' } };
    },
    changePractitioner: async () => {
      const { id, key } = await world.doctor(await world.hospital());
      const input = { id, identifiers: [key], name: 'Married', affiliations: [] };
      return { caller: world.regulator, stranger: otherRegulator, input, other: { ...input, name: 'Otherwise' } };
    },
    endPractitioner: async () => {
      const input = { id: (await world.doctor(await world.hospital())).id, reason: 'retired' };
      return { caller: world.regulator, stranger: otherRegulator, input, other: { ...input, reason: 'died' } };
    },
    adoptPolicy: async () => {
      const input = { policy: { ...FIRST_POLICY, version: `${made++}` } };
      const other = { policy: { ...FIRST_POLICY, version: `${made++}` } };
      return { caller: world.regulator, stranger: otherRegulator, input, other };
    },
  };
}
