import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/app/actor.ts';
import { importBundles } from '../../src/app/import/bundles.ts';
import { inParallel } from '../../src/app/import/in-parallel.ts';
import type { ResidentDrafts } from '../../src/fhir/extract.ts';
import type { ImportReport } from '../../src/fhir/import-report.ts';
import { CLEAN, EVIDENCE, newRequest, terms, value, verdictOn, type World, worldOf } from '../support/people.ts';
import { SIZES } from '../support/sizes.ts';
import { openTestNode, type TestNode } from '../support/test-node.ts';
import { bundleFiles, leavesOf, PRESENT, peopleIn, titled } from './synthea.ts';

describe.skipIf(!PRESENT)(titled('the Synthea bundles, imported', SIZES.bundles), () => {
  let node: TestNode;
  let world: World;
  let files: string[];
  let people: ResidentDrafts[];
  let first: ImportReport;
  const load = (from: readonly string[]) => importBundles(node.app, node.local('import'), { files: from });

  beforeAll(async () => {
    files = bundleFiles(SIZES.bundles);
    node = await openTestNode();
    world = await worldOf(node);
    people = await peopleIn(files);
    first = await load(files);
    await world.shown();
  }, 600_000);
  afterAll(() => node?.close());

  const documentsOf = ({ draft }: ResidentDrafts) =>
    draft.documents.map(({ type, issuer, number }) => ({ type, issuer, number }));

  /** The caller behind a token with one of the person's documents. */
  async function signIn(person: ResidentDrafts): Promise<Caller> {
    const [document] = documentsOf(person);
    if (document === undefined) throw new Error('a person without a document');
    return world.as({ role: 'resident', subject: person.draft.sourceId, document });
  }
  const living = () => people.filter(({ draft }) => draft.deceased === undefined);

  it('are taken whole: every entry is accounted for, none is left, and each person has an account with every record', async () => {
    expect(first.addsUp()).toBe(true);
    expect(first.failures()).toEqual([]);
    expect(first.totals().left).toBe(0);
    expect(people).toHaveLength(SIZES.bundles);
    const records = people.reduce((sum, person) => sum + person.records.length, 0);
    const [rows] = await node.sql<{ n: number }[]>`
      select (select count(*) from ehr_index)::integer + (select count(*) from emr_index)::integer as n`;
    expect(rows?.n).toBe(records);
    const [dead] = await node.sql<
      { n: number }[]
    >`select count(*)::integer as n from residents where state = 'deceased'`;
    expect(dead?.n).toBe(people.length - living().length);
    expect(dead?.n).toBeGreaterThan(0);
  });

  it('again add nothing, under other names, in other order, from elsewhere: no leaf, of residents or of others', async () => {
    const leaves = await leavesOf(node);
    const again = await load(files);
    const folder = await mkdtemp(join(tmpdir(), 'hrl-import-'));
    try {
      const copies = await Promise.all(
        [...files].reverse().map(async (file, i) => {
          const copy = join(folder, `${i}.json.gz`);
          await copyFile(file, copy);
          return copy;
        }),
      );
      const renamed = await load(copies);
      for (const report of [again, renamed]) {
        expect(report.addsUp()).toBe(true);
        const { taken, left } = report.totals();
        expect([taken, left]).toEqual([0, 0]);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    expect(await leavesOf(node)).toEqual(leaves);
  });

  it('give the living their content byte for byte, through the gate', async () => {
    let opened = 0;
    for (const person of living()) {
      // The whole of everybody in the full size; of the first few people in the small one.
      if (opened > 0 && SIZES.bundles < 48 && opened + person.records.length > 400) continue;
      const caller = await signIn(person);
      const ids: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = value(
          await node.platform.myRecords(caller, { first: 200, ...(after === undefined ? {} : { after }) }),
        );
        ids.push(...page.records.map(({ id }) => id));
        if (!page.hasNextPage) break;
        after = page.endCursor as string;
      }
      const texts: string[] = [];
      await inParallel(ids, 8, async (record) => {
        texts.push(value(await node.platform.myContent(caller, { record })).text);
      });
      const source = person.records.map(({ draft }) => Buffer.from(draft.content).toString('utf8'));
      expect(texts.sort()).toEqual(source.sort());
      opened += texts.length;
    }
    expect(opened).toBeGreaterThan(100);
  }, 600_000);

  it('give a hospital what one of the living grants it, byte for byte, and nothing of the dead', async () => {
    const hospital = await world.hospital();
    const doctor = await world.doctor(hospital);
    const [person] = living();
    const [dead] = people.filter(({ draft }) => draft.deceased !== undefined);
    if (person === undefined || dead === undefined) throw new Error('somebody living and somebody dead');
    const codeOf = async (of: ResidentDrafts) => {
      const documents = documentsOf(of);
      const outcome = await node.platform.issueCode(world.office, newRequest(), { documents });
      return outcome.kind === 'done' ? outcome.value.code : outcome.code;
    };
    expect(await codeOf(dead)).toBe('deceased');
    const code = await codeOf(person);
    const given = { terms: terms(hospital), evidence: EVIDENCE };
    value(await node.platform.grantConsent(await signIn(person), newRequest(), given));
    const page = value(await node.platform.openRecords(doctor.caller, { code, purpose: 'TREAT', first: 25 }));
    expect(page.total).toBe(person.records.length);
    const source = new Set(person.records.map(({ draft }) => Buffer.from(draft.content).toString('utf8')));
    for (const { id } of page.records) {
      const content = value(await node.platform.openContent(doctor.caller, { code, purpose: 'TREAT', record: id }));
      expect(source.has(content.text)).toBe(true);
    }
  });

  it('leave a ledger that is whole', async () => {
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  }, 600_000);
});
