import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealedRef } from '../../src/app/past-event.ts';
import { parseBase64Url, toBase64Url } from '../../src/kernel/base64.ts';
import { utf8 } from '../../src/kernel/bytes.ts';
import { type EventId, type Id16, id16Bytes } from '../../src/kernel/id.ts';
import { servedRoot } from '../../src/ledger/served-set.ts';
import {
  CLEAN,
  type Doctor,
  type Hospital,
  newRequest,
  recordInput,
  value,
  verdictOn,
  type World,
  worldOf,
} from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';

let node: TestNode;
let world: World;
let hospital: Hospital;
let doctor: Doctor;
beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
  hospital = await world.hospital();
  doctor = await world.doctor(hospital);
});
afterAll(() => node.close());

/** The text of a clinical document with letters of every length in UTF-8. */
const TEXT = '{\r\n  "note": "诊断：\\u2028 高血压 🫀 café",\n\t"value": 1.00\n}\n';

describe('a resident', () => {
  it('reads the own record whole, whatever its labels and whoever may read it else', async () => {
    const resident = await world.resident();
    for (const over of [{ sensitivities: ['HIV', 'PSY'] }, { confidentiality: 'V' }, { index: 'EHR' }, {}]) {
      await world.record(doctor, resident, over);
    }
    const { answer, events } = await world.appended(() => node.platform.myRecords(resident.caller, {}));
    expect(value(answer).total).toBe(4);
    expect(events).toMatchObject([
      { type: 'access.permitted@1', stream: resident.stream, retained: { rule: 'self', purpose: 'PATRQT' } },
    ]);
    const [newest] = value(answer).records;
    expect(newest).toMatchObject({
      custodian: { id: hospital.id, name: hospital.name },
      author: { id: doctor.id, name: doctor.name },
    });
    expect(value(await node.platform.myRecords(resident.caller, { index: 'EHR' })).total).toBe(1);
  });

  it('gets a copy of the content byte for byte, with the digest that the record names, under an event that commits to it', async () => {
    const resident = await world.resident();
    const record = recordInput(resident.code, { content: TEXT, mediaType: 'text/plain' });
    value(await node.platform.registerRecord(doctor.caller, newRequest(), record));
    const [row] = value(await node.platform.myRecords(resident.caller, {})).records;
    expect(row).toMatchObject({ contentType: 'text/plain', contentSize: utf8(TEXT).length });
    const { answer, events } = await world.appended(() =>
      node.platform.myContent(resident.caller, { record: row?.id ?? '' }),
    );
    const content = value(answer);
    expect(content.text).toBe(TEXT);
    expect(content.hash).toBe(toBase64Url(node.app.suite.hash(utf8(TEXT))));
    expect(events).toHaveLength(1);

    const event = await node.app.ledger.find(content.event as EventId);
    if (event === undefined) throw new Error('an answer without its event');
    const [personal] = await node.app.openPersonal([sealedRef(event, 'personal')]);
    const { ids, salt } = (personal as { served: { ids: { id: Id16; revision: number; part: 1 | 2 }[]; salt: string } })
      .served;
    expect(ids.map(({ part }) => part)).toEqual([2]);
    const items = ids.map(({ id, revision, part }) => ({ id: id16Bytes(id), revision: BigInt(revision), part }));
    const root = toBase64Url(servedRoot(node.app.suite, parseBase64Url(salt) as Uint8Array, items));
    expect(events[0]?.retained).toMatchObject({ selection: { what: 'content' }, served: { count: 1, root } });
  });

  it('sees the own demographics as registered, with documents linked since, under one event', async () => {
    const resident = await world.resident('Li Lei');
    const documents = [{ type: '99', issuer: 'urn:library', number: 'L 7' }];
    value(await node.platform.linkDocuments(world.office, newRequest(), { code: resident.code, documents }));
    const { answer, events } = await world.appended(() => node.platform.myProfile(resident.caller, {}));
    expect(value(answer)).toMatchObject({ name: 'Li Lei', region: '110105', phone: null });
    expect(value(answer).documents.map(({ type }) => type)).toEqual(['03', '99']);
    expect(events).toMatchObject([{ type: 'access.permitted@1', retained: { selection: { what: 'demographics' } } }]);
  });

  it('closes nobody out of the own record by closing the code, and sees how the own codes stand', async () => {
    const resident = await world.resident();
    await world.record(doctor, resident);
    value(await node.platform.closeCode(world.office, newRequest(), { code: resident.code, reason: 'resident' }));
    expect(value(await node.platform.myRecords(resident.caller, {})).total).toBe(1);
    expect(value(await node.platform.myCodes(resident.caller)).map(({ state }) => state)).toEqual(['closed']);
  });

  it('suspends and resumes the own code, but not what the office has suspended', async () => {
    const resident = await world.resident();
    const states = async () => value(await node.platform.myCodes(resident.caller)).map(({ state }) => state);
    value(await node.platform.suspendCode(resident.caller, newRequest(), { reason: 'lost' }));
    expect(await states()).toEqual(['suspended']);
    value(await node.platform.resumeCode(resident.caller, newRequest(), {}));
    expect(await states()).toEqual(['active']);
    value(await node.platform.suspendCode(world.office, newRequest(), { code: resident.code, reason: 'misuse' }));
    const resumed = await node.platform.resumeCode(resident.caller, newRequest(), {});
    expect(resumed).toEqual({ kind: 'refusal', code: 'suspended-by-office' });
    expect(await states()).toEqual(['suspended']);
  });

  it('has no right to what is others’: every use case of another role is refused and leaves nothing', async () => {
    const resident = await world.resident();
    const { answer, events } = await world.appended(async () => [
      await node.platform.openRecords(resident.caller, { code: resident.code, purpose: 'TREAT' }),
      await node.platform.registerRecord(resident.caller, newRequest(), recordInput(resident.code)),
      await node.platform.registerResident(resident.caller, newRequest(), {} as never),
      await node.platform.readTrail(resident.caller, {}),
      await node.platform.myRecords(doctor.caller, {}),
      await node.platform.grantConsent(doctor.caller, newRequest(), {} as never),
    ]);
    expect(answer).toEqual(Array(6).fill({ kind: 'refusal', code: 'not-permitted' }));
    expect(events).toEqual([]);
  });
});

describe('the ledger', () => {
  it('is whole after all this', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
