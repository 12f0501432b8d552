import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenClaims } from '../../src/app/api.ts';
import { loginClaim } from '../../src/app/claim-refs.ts';
import { isId16, toLabel } from '../../src/kernel/id.ts';
import { CLEAN, ISSUER, NEVER, newRequest, value, verdictOn, type World, worldOf } from '../support/people.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';

let node: TestNode;
let world: World;
beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
});
afterAll(() => node.close());

const token = (claims: Omit<TokenClaims, 'issuer' | 'until'> & Partial<TokenClaims>) =>
  world.appended(() => node.platform.actorOf({ issuer: ISSUER, until: NEVER, ...claims }));
const resident = (subject: string, document?: TokenClaims['document']) =>
  token({ role: 'resident', subject, ...(document === undefined ? {} : { document }) });

/** Somebody who is registered and has no sign-in. */
async function registered(number: string) {
  const document = { type: '03', number };
  const input = { region: '110105', name: 'Somebody', documents: [document] };
  const { code } = value(await node.platform.registerResident(world.office, newRequest(), input));
  return { document, code };
}

describe('a resident’s token', () => {
  it('without a sign-in that is known and without a document is nobody’s, and appends nothing', async () => {
    expect(await resident('nobody')).toEqual({ answer: undefined, events: [] });
    expect(await resident('nobody', { type: '03', number: 'unknown' })).toEqual({ answer: undefined, events: [] });
  });

  it('with a verified document is bound to that resident once, and is that resident’s from then on', async () => {
    const { document, code } = await registered('S1');
    const first = await resident('sub-1', document);
    expect(first.events.map(({ type }) => type)).toEqual(['identity.login-bound@1']);
    expect(first.events[0]?.stream).toBe(`resident/${(first.answer as { label: string }).label}`);
    for (const again of [await resident('sub-1', document), await resident('sub-1')]) {
      expect(again).toEqual({ answer: first.answer, events: [] });
    }
    const profile = value(await node.platform.myProfile({ actor: first.answer as never }, {}));
    expect(profile.documents).toMatchObject([{ type: '03', number: 'S1' }]);
    expect(code).toHaveLength(32);
  });

  it('leaves the request’s id in the event of its first sign-in', async () => {
    const { document } = await registered('S2a');
    const claims = { issuer: ISSUER, until: NEVER, role: 'resident', subject: 'sub-2a', document } as const;
    const { events } = await world.appended(() => node.platform.actorOf(claims, 'first-sign-in'));
    expect(events).toMatchObject([{ retained: { trace: 'first-sign-in' } }]);
  });

  it('is known by issuer and subject together, never by the subject alone', async () => {
    await resident('sub-2', (await registered('S2')).document);
    expect((await resident('sub-2')).answer).toBeDefined();
    expect((await token({ role: 'resident', subject: 'sub-2', issuer: 'https://other.test' })).answer).toBeUndefined();
  });

  it('stays whose it is, also when it shows somebody else’s document later', async () => {
    const [one, two] = [await registered('S3'), await registered('S4')];
    const first = await resident('sub-3', one.document);
    expect(await resident('sub-3', two.document)).toEqual({ answer: first.answer, events: [] });
  });

  it('by many at one moment is bound once', async () => {
    const { document } = await registered('S5');
    const { answer, events } = await world.appended(() =>
      Promise.all(
        Array.from({ length: 8 }, () =>
          node.platform.actorOf({ issuer: ISSUER, until: NEVER, role: 'resident', subject: 'sub-5', document }),
        ),
      ),
    );
    expect(new Set(answer.map((actor) => JSON.stringify(actor))).size).toBe(1);
    expect(events).toHaveLength(1);
  });

  it('whose claim was taken by a process that stopped before the event: the next sign-in writes the event', async () => {
    const { document } = await registered('S6');
    const { answer: other } = await resident('sub-other', document);
    const { label } = other as { label: string };
    await node.app.claims.take([loginClaim(ISSUER, 'sub-6')], label);
    const completed = await resident('sub-6');
    expect(completed.answer).toMatchObject({ role: 'resident', label });
    expect(completed.events.map(({ type }) => type)).toEqual(['identity.login-bound@1']);
    expect((await resident('sub-6')).events).toEqual([]);
  });

  it('that leads to somebody who was claimed and never registered is nobody’s', async () => {
    await node.app.claims.take([loginClaim(ISSUER, 'sub-7')], toLabel(new Uint8Array(32).fill(7)));
    expect(await resident('sub-7')).toEqual({ answer: undefined, events: [] });
  });

  it('of somebody who has died signs in where it did before, and nowhere new', async () => {
    const { document, code } = await registered('S8');
    const { answer } = await resident('sub-8', document);
    value(await node.platform.reportDeath(world.office, newRequest(), { code }));
    expect(await resident('sub-8')).toEqual({ answer, events: [] });
    expect(await resident('sub-8-new', document)).toEqual({ answer: undefined, events: [] });
  });
});

describe('any other token', () => {
  it('of an organisation that nobody has registered is nobody’s, and appends nothing', async () => {
    const organisation = { system: 'urn:uscc', number: 'never' };
    for (const role of ['practitioner', 'issuer', 'regulator', 'system'] as const) {
      expect(await token({ role, subject: 's', organisation })).toEqual({ answer: undefined, events: [] });
      expect(await token({ role, subject: 's' })).toEqual({ answer: undefined, events: [] });
    }
  });

  it('of a practitioner is the registered one, or a pseudonym that may ask and gets nothing', async () => {
    const hospital = await world.hospital();
    const doctor = await world.doctor(hospital);
    const known = await token({
      role: 'practitioner',
      subject: 'd',
      organisation: hospital.key,
      practitioner: doctor.key,
    });
    expect(known.answer).toMatchObject({ id: doctor.id, registered: true, institution: hospital.id });
    const unknown = async (subject: string) => {
      const { answer } = await token({ role: 'practitioner', subject, organisation: hospital.key });
      expect(answer).toMatchObject({ registered: false, institution: hospital.id });
      return (answer as { readonly id: string }).id;
    };
    const pseudonyms = [await unknown('s1'), await unknown('s2')];
    expect(await unknown('s1')).toBe(pseudonyms[0]);
    expect(new Set(pseudonyms).size).toBe(2);
    expect(pseudonyms.every(isId16)).toBe(true);
  });
});

describe('the ledger', () => {
  it('is whole after all this', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
});
