import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importPopulation } from '../../src/app/import/population.ts';
import { type ReplayDeps, replayLedger } from '../../src/audit/replay/replay.ts';
import type { Policy } from '../../src/domain/ledger/events.ts';
import { Malformed } from '../../src/kernel/fault.ts';
import type { DecidedEvent } from '../../src/ledger/stored.ts';
import { engine } from '../support/engine.ts';
import { newRequest, recordInput, terms, value, type World, worldOf } from '../support/people.ts';
import { run } from '../support/programs.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';

/**
 * Replay finds nothing where nothing is wrong. That it does so after every lawful story of this folder is in `verdictOn`, with which
 * their files end; here is what no other file does, and each kind of decision at least once.
 */

let node: TestNode;
let world: World;
beforeAll(async () => {
  node = await openTestNode();
  world = await worldOf(node);
});
afterAll(() => node.close());

/** One person's years with two hospitals, an office and a regulator, everything in it lawful. */
async function tellEverything(): Promise<void> {
  const { platform } = node;
  const { office, regulator } = world;
  const [mercy, grace] = [await world.hospital('Mercy'), await world.hospital('Grace')];
  const [zhao, qian, sun] = [await world.doctor(mercy), await world.doctor(grace), await world.doctor(mercy, grace)];
  const anna = await world.resident('Anna');
  const by = newRequest;

  const again = { region: '110105', name: 'Anna', documents: [anna.document, { type: '03', number: 'X1' }] };
  value(await platform.registerResident(office, by(), again));
  const more = { code: anna.code, documents: [{ type: '03', number: 'X2' }] };
  value(await platform.linkDocuments(office, by(), more));
  const claim = { role: 'resident', subject: 'anna-elsewhere', document: { type: '03', number: 'X2' } } as const;
  await world.as(claim);

  await world.record(zhao, anna, { sourceId: 'first' });
  const second = recordInput(anna.code, { sourceId: 'second', sensitivities: ['PSY'] });
  value(await platform.registerRecord(zhao.caller, by(), second));
  value(await platform.registerRecord(zhao.caller, by(), { ...second, content: '{"corrected":1}' }));
  const { sourceSystem, type, sourceId } = second;
  const withdrawal = { code: anna.code, sourceSystem, type, sourceId, reason: 'entered-in-error' };
  value(await platform.withdrawRecord(zhao.caller, by(), withdrawal));
  await world.shown();

  const given = terms(grace);
  const { grantee: _grantee, ...asked } = given;
  const request = { ...asked, code: anna.code, granteeKind: 'institution' } as never;
  const first = value(await platform.requestConsent(qian.caller, by(), request));
  value(await platform.denyConsent(anna.caller, by(), first));
  const next = value(await platform.requestConsent(qian.caller, by(), request));
  const evidence = {
    noticeHash: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    noticeVersion: '1',
    language: 'zh',
    channel: '0402',
    authentication: 'face',
  };
  value(await platform.grantConsent(anna.caller, by(), { ...next, terms: given, evidence } as never));
  const granted = await world.grant(anna, terms(grace, { categories: ['imaging'] }));

  const read = { code: anna.code, purpose: 'TREAT', first: 1 };
  const page = value(await platform.openRecords(qian.caller, read));
  const [record] = page.records;
  value(await platform.openRecords(zhao.caller, read));
  value(await platform.openContent(qian.caller, { code: anna.code, purpose: 'TREAT', record: record?.id ?? '' }));
  // Somebody else's node id, a cursor of another's, a purpose that nobody granted, nobody's code: each is refused and recorded.
  await platform.openContent(zhao.caller, { code: anna.code, purpose: 'TREAT', record: record?.id ?? '' });
  await platform.openRecords(zhao.caller, { ...read, after: 'not-a-cursor' });
  await platform.openRecords(qian.caller, { ...read, purpose: 'HRESCH' });
  await platform.openRecords(qian.caller, { ...read, code: 'NOBODYS' });
  await platform.requestConsent(qian.caller, by(), { ...(request as object), code: 'NOBODYS' } as never);
  value(await platform.verifyCode(office, { code: anna.code }));
  value(await platform.myRecords(anna.caller, {}));
  value(await platform.myProfile(anna.caller, {}));
  value(await platform.myAccessLog(anna.caller, {}));
  await platform.myAccessLog(anna.caller, { after: 'not-a-cursor' });
  for (const filter of [{ code: anna.code }, { person: qian.id }, { organisation: grace.id }, { purpose: 'TREAT' }]) {
    value(await platform.readTrail(regulator, filter as never));
  }
  value(await platform.revokeConsent(anna.caller, by(), { consentId: granted }));

  value(await platform.suspendCode(anna.caller, by(), { reason: 'lost' }));
  await platform.openRecords(qian.caller, read);
  await platform.requestConsent(qian.caller, by(), request);
  value(await platform.resumeCode(anna.caller, by(), {}));
  value(await platform.requestConsent(qian.caller, by(), request));
  value(await platform.closeCode(office, by(), { code: anna.code, reason: 'replaced' }));
  await platform.openRecords(qian.caller, read);
  const issued = value(await platform.issueCode(office, by(), { documents: [anna.document] }));
  value(await platform.verifyCode(office, { code: issued.code }));
  await platform.verifyCode(office, { code: anna.code });

  const licence = { identifiers: [sun.key], name: sun.name, affiliations: [grace.id], phone: '1' };
  value(await platform.changePractitioner(regulator, by(), { id: sun.id, ...licence } as never));
  value(await platform.endPractitioner(regulator, by(), { id: sun.id, reason: 'retired' }));
  await platform.openRecords(sun.caller, { ...read, code: issued.code });
  const profile = { identifiers: [mercy.key], name: 'Mercy West', address: 'A' };
  value(await platform.changeInstitution(regulator, by(), { id: mercy.id, ...profile } as never));
  value(await platform.endInstitution(regulator, by(), { id: mercy.id, reason: 'merged' }));
  await platform.openRecords(zhao.caller, { ...read, code: issued.code });
  const { policy } = (await platform.policy(regulator)) as { policy: Policy };
  value(await platform.adoptPolicy(regulator, by(), { policy: { ...policy, version: '2' } }));
  await platform.openRecords(qian.caller, { ...read, code: issued.code });
  value(await platform.reportDeath(office, by(), { code: issued.code }));
  await platform.openRecords(qian.caller, { ...read, code: issued.code });
  await platform.requestConsent(qian.caller, by(), { ...(request as object), code: issued.code } as never);
  value(await platform.readTrail(regulator, { code: issued.code }));
}

describe('every decision follows from the events before it', () => {
  it('in a story in which everything happens once', async () => {
    await tellEverything();
    const seen: string[] = [];
    const replayed = await replayLedger(node.audit, { onProgress: (events, all) => seen.push(`${events}/${all}`) });
    expect(replayed.differences).toEqual([]);
    expect(replayed.found).toBe(0);
    // How many there are beforehand is known where events are numbered.
    expect(seen.at(-1)).toBe(`${replayed.events}/${engine() === 'postgres' ? replayed.events : undefined}`);
    // What begins an append; a code is issued, and a login bound, in the append of a person.
    expect(Object.keys(replayed.byType)).toEqual([
      'access.denied@1',
      'access.log-read@1',
      'access.missed@1',
      'access.permitted@1',
      'code.closed@1',
      'code.resumed@1',
      'code.suspended@1',
      'consent.denied@1',
      'consent.granted@1',
      'consent.requested@1',
      'consent.revoked@1',
      'identity.deceased@1',
      'identity.document-linked@1',
      'identity.login-bound@1',
      'identity.presented@1',
      'identity.registered@1',
      'institution.changed@1',
      'institution.ended@1',
      'institution.registered@1',
      'ledger.opened@1',
      'ledger.policy-adopted@1',
      'practitioner.changed@1',
      'practitioner.ended@1',
      'practitioner.registered@1',
      'record.registered@1',
      'record.replaced@1',
      'record.withdrawn@1',
    ]);
    const left = replayed.notRecomputed.map(({ what }) => what);
    for (const what of ['code-shown', 'code-unknown', 'cursor', 'record-named', 'served-set', 'marks'] as const) {
      expect(left).toContain(what);
    }
  });

  it.each(['replay', 'another'])('in the seeded population %s', async (seed) => {
    await importPopulation(node.app, node.local('seed'), { seed, residents: 8 });
    expect((await replayLedger(node.audit)).differences).toEqual([]);
  });
});

describe('what cannot be decided again', () => {
  it('is counted where its term is over, and is not wrong', async () => {
    const { openRetained } = node.audit;
    const ended = async (refs: Parameters<typeof openRetained>[0]) =>
      (await openRetained(refs)).map((one, i) => (refs[i]?.type.startsWith('access.') ? ('expired' as const) : one));
    const { found, expired, byType } = await replayLedger({ ...node.audit, openRetained: ended });
    expect(found).toBe(0);
    expect(expired).toBeGreaterThan(20);
    expect(Object.keys(byType).some((type) => type.startsWith('access.'))).toBe(false);
  });

  it('is a difference where it does not open', async () => {
    const { openRetained } = node.audit;
    const broken = async (refs: Parameters<typeof openRetained>[0]) =>
      (await openRetained(refs)).map((one, i) => (refs[i]?.type === 'access.missed@1' ? new Malformed('x', 'y') : one));
    const { found, differences } = await replayLedger({ ...node.audit, openRetained: broken });
    expect(found).toBe(2);
    expect(differences[0]).toMatchObject({ kind: 'unreadable', type: 'access.missed@1' });
  });
});

/** The same ledger as somebody shows it who changes the order of its events, or leaves some out. */
function shownAs(change: (events: readonly DecidedEvent[]) => readonly DecidedEvent[]): ReplayDeps {
  const { stored } = node.audit;
  const asOfNow: typeof stored.asOfNow = (work) =>
    stored.asOfNow(async (view) => {
      const all: DecidedEvent[] = [];
      for await (const page of view.decided(undefined)) all.push(...(page as readonly DecidedEvent[]));
      return work({
        ...view,
        decided: async function* () {
          yield change(all);
        },
      });
    });
  return { ...node.audit, stored: { ...stored, asOfNow } };
}

describe('what was not so when it was decided', () => {
  it('is found: an access of which the revocation stands before it, though it says that it had seen none', async () => {
    const anna = await world.resident();
    const consentId = await world.grant(anna, terms(await world.hospital()));
    await node.platform.verifyCode(world.office, { code: anna.code });
    value(await node.platform.revokeConsent(anna.caller, newRequest(), { consentId }));
    const deps = shownAs((events) => {
      const [access, revoked] = events.slice(-2) as [DecidedEvent, DecidedEvent];
      const swapped = [
        { ...revoked, revision: access.revision },
        { ...access, revision: revoked.revision, time: revoked.time },
      ];
      return [...events.slice(0, -2), ...swapped];
    });
    const { differences } = await replayLedger(deps);
    const access = differences.find(({ type }) => type === 'access.permitted@1');
    expect(access).toMatchObject({ kind: 'condition', recorded: expect.stringContaining('a newer consent.revoked@1') });
  });

  it('is found: an append of which events are missing, at its end, in its middle and at its beginning', async () => {
    const registration = (events: readonly DecidedEvent[]) =>
      events.findIndex(
        ({ type }, i) => type === 'identity.registered@1' && events[i + 2]?.type === 'record.registered@1',
      );
    for (const missing of [0, 1]) {
      const { differences } = await replayLedger(
        shownAs((events) => events.filter((_, i) => i !== registration(events) + missing)),
      );
      expect(differences[0]).toMatchObject({ kind: 'append' });
    }
    const { differences, events } = await replayLedger(shownAs((all) => all.slice(0, registration(all) + 2)));
    expect(differences).toMatchObject([{ kind: 'append', type: 'identity.registered@1' }]);
    expect(events).toBeGreaterThan(3n);
  });
});

describe('npm run replay', () => {
  it('exits 0 with one JSON document that says how much was decided, and how fast, by two processes', async () => {
    const { config } = node;
    const { code, stdout } = await run('replay', ['--json', '--processes', '2'], {
      DATA_DIR: config.dataDir,
      KEYRING_FILE: config.keyringFile,
      DATABASE_URL: node.database.url,
      LOG_LEVEL: 'warn',
      ...node.place.settings,
    });
    expect(code).toBe(0);
    const said = JSON.parse(stdout) as Record<string, unknown>;
    const { decisions, events } = await replayLedger(node.audit);
    const counted = { decisions, events: `${events}`, processes: 2 };
    expect(said).toMatchObject({ verdict: 'every decision follows', found: 0, differences: [], ...counted });
    expect(said.decisionsPerSecond).toBeGreaterThan(0);
  });
});
