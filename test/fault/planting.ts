import type { Node } from '../../src/main.ts';
import { answer, asNodeProcess, isProgram } from '../support/node-process.ts';
import { EVIDENCE, NEVER, newRequest, terms, value, worldOf } from '../support/people.ts';

/** A process of its own that says everything personal that can be said, with words that are unmistakable (planted-names.test.ts looks for them). */
export interface Planted {
  /** What must be found nowhere. */
  readonly words: readonly string[];
  /** What stands there in clear, so that looking for it shows that one would be found. */
  readonly clear: string;
}

const PLANTED = {
  name: '植名张三丰Planted-Name',
  phone: '13900007777-planted',
  address: '植址北京市朝阳区 Planted Street 77',
  idCard: '11010519491231002X',
  passport: 'PLANTEDPASS7734',
  linked: 'PLANTEDLINKED881',
  login: 'planted-subject-4711',
  requestId: 'planted-request-id-5512',
  message: '植言请授权 planted message 6613',
  title: '植题高血压 planted title 9917',
  code: 'PLANTED-CODE-OF-TYPE-2216',
  codeSystem: 'urn:planted:code-system-3318',
  sourceSystem: 'urn:planted:his-4419',
  sourceId: 'planted-source-id-5520',
  content: '植文内容 content bytes 1129',
  contentTail: 'planted-tail-of-content-8831',
  deathSource: 'planted source of death 2241',
  hospitalPhone: '010-planted-hospital-3352',
  doctorAddress: 'Planted Doctor Road 4463',
  doctorName: '植医李四 Planted Doctor 7796',
} as const;

async function plant(node: Node): Promise<Planted> {
  const { platform } = node;
  const world = await worldOf(node);
  const key = { system: 'urn:uscc', number: 'P1' };
  const contacts = { phone: PLANTED.hospitalPhone, address: PLANTED.address };
  const institution = { identifiers: [key], name: 'A hospital', ...contacts };
  const hospital = value(await platform.registerInstitution(world.regulator, newRequest(), institution));
  const licence = { system: 'urn:licence', number: 'L1' };
  const practitioner = {
    identifiers: [licence],
    name: PLANTED.doctorName,
    affiliations: [hospital.id],
    address: PLANTED.doctorAddress,
  };
  value(await platform.registerPractitioner(world.regulator, newRequest(), practitioner));
  const doctor = await world.as({ role: 'practitioner', subject: 'd', organisation: key, practitioner: licence });

  const person = {
    region: '110105',
    name: PLANTED.name,
    sex: 'female',
    birthDate: '1949-12-31',
    phone: PLANTED.phone,
    address: PLANTED.address,
    documents: [
      { type: '01', number: PLANTED.idCard },
      { type: '03', number: PLANTED.passport },
    ],
    login: { issuer: 'https://idp.test', subject: PLANTED.login },
  };
  const { code } = value(await platform.registerResident(world.office, PLANTED.requestId, person));
  value(await platform.registerResident(world.office, newRequest(), person));
  const linked = { code, documents: [{ type: '99', issuer: 'urn:library', number: PLANTED.linked }] };
  value(await platform.linkDocuments(world.office, newRequest(), linked));
  const resident = await platform.actorOf({
    role: 'resident',
    issuer: 'https://idp.test',
    subject: PLANTED.login,
    until: NEVER,
  });
  if (resident?.role !== 'resident') throw new Error('the resident is not known by the sign-in');
  const self = { actor: resident };

  const record = {
    code,
    index: 'EMR',
    category: 'outpatient',
    period: { from: '2024-03-01', to: '2024-03-02' },
    type: 'Encounter',
    codeOfType: { system: PLANTED.codeSystem, code: PLANTED.code },
    title: PLANTED.title,
    at: '2024-03-01T08:00:00.000Z',
    sensitivities: ['HIV'],
    sourceSystem: PLANTED.sourceSystem,
    sourceId: PLANTED.sourceId,
    mediaType: 'application/json',
    // Long, so that it would be stored out of line, and compressible, so that a compressed copy would be too.
    content: `{"planted":"${PLANTED.content} ${'repeated '.repeat(2_000)}${PLANTED.contentTail}"}`,
  };
  const first = value(await platform.registerRecord(doctor, newRequest(), record)).record;
  value(await platform.registerRecord(doctor, newRequest(), { ...record, content: `${record.content} ` }));

  const request = {
    code,
    granteeKind: 'institution',
    purposes: ['TREAT'],
    categories: ['outpatient'],
    labels: ['HIV'],
    message: PLANTED.message,
  } as const;
  const { period, validFrom, validUntil } = terms({ id: hospital.id as never });
  const asked = { ...request, period, validFrom, validUntil };
  const { consentId } = value(await platform.requestConsent(doctor, newRequest(), asked));
  const given = {
    ...terms({ id: hospital.id as never }),
    categories: ['outpatient'] as const,
    labels: ['HIV'] as const,
    validFrom,
    validUntil,
  };
  value(await platform.grantConsent(self, newRequest(), { consentId, terms: given, evidence: EVIDENCE }));

  // Everything is read and told, and asked for in vain; what goes wrong is logged.
  const page = value(await platform.openRecords(doctor, { code, purpose: 'TREAT' }));
  const content = value(await platform.openContent(doctor, { code, purpose: 'TREAT', record: first }));
  const profile = value(await platform.myProfile(self, {}));
  if (
    page.records[0]?.title !== PLANTED.title ||
    !content.text.includes(PLANTED.contentTail) ||
    profile.name !== PLANTED.name
  ) {
    throw new Error('what was planted is not read back');
  }
  value(await platform.myRecords(self, { first: 1 }));
  value(await platform.myAccessLog(self, {}));
  await platform.openRecords(doctor, { code: PLANTED.passport, purpose: 'TREAT' });
  await platform.registerResident(world.office, newRequest(), { ...person, sex: 'male' });
  const malformed = { ...person, birthDate: PLANTED.name };
  await platform.registerResident(world.office, newRequest(), malformed).catch(() => undefined);
  value(await platform.reportDeath(world.office, newRequest(), { code, source: PLANTED.deathSource }));
  return { words: [...Object.values(PLANTED), code], clear: resident.label };
}

if (isProgram(import.meta.url)) {
  await asNodeProcess<null>(
    async (node, _task, next) => {
      answer(await plant(node));
      // The folder is looked at while the server runs, and again when it has stopped.
      await next();
    },
    { project: true },
  );
}
