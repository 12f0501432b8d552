import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { readBundleFile } from './bundle-text.ts';
import { cutBundle } from './cut.ts';
import type { RecordDraft } from './draft.ts';
import { type BundleDrafts, extractBundle } from './extract.ts';
import { importReport } from './import-report.ts';
import { partyRegister } from './party-register.ts';

/** The whole of the shared Synthea bundles; skipped where the folder beside the project is absent. */
const folder = fileURLToPath(new URL('../../../shared/data/synthea/', import.meta.url));
const present = existsSync(folder);
const title = present ? 'the 50 Synthea bundles' : 'the 50 Synthea bundles (skipped: ../shared/data/synthea is absent)';

const identity = ({ sourceSystem, type, id }: RecordDraft) => `${sourceSystem} ${type} ${id}`;
const recordsOf = (all: readonly BundleDrafts[]): readonly RecordDraft[] =>
  all.flatMap(({ residents }) => residents.flatMap(({ records }) => records.map(({ draft }) => draft)));

describe.skipIf(!present)(title, () => {
  const files = present
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json.gz'))
        .sort()
    : [];
  const all: BundleDrafts[] = [];
  const register = partyRegister();
  const report = importReport();

  beforeAll(async () => {
    for (const file of files) {
      const text = await readBundleFile(join(folder, file));
      const bundle = cutBundle(text);
      for (const entry of bundle.entries) {
        if (typeof entry.resource === 'string') throw new Error(entry.resource);
        report.read(entry.resource.type);
        const { bytes } = entry.resource;
        const offset = bytes.byteOffset - text.bytes.byteOffset;
        if (Buffer.compare(text.bytes.subarray(offset, offset + bytes.length), bytes) !== 0) throw new Error('not cut');
        expect(JSON.parse(Buffer.from(bytes).toString())).toEqual(entry.resource.value);
      }
      const drafts = extractBundle(bundle);
      for (const { type, outcome } of register.add(drafts)) {
        report.settled(type, outcome.kind === 'new' ? 'taken' : outcome.kind === 'same' ? 'known' : 'merged');
      }
      for (const { records } of drafts.residents) {
        report.settled('Patient', 'taken');
        for (const { draft } of records) report.settled(draft.type, 'taken');
      }
      for (const { type, reason } of drafts.left) report.settled(type, 'left', reason);
      report.fileDone();
      all.push(drafts);
    }
  });

  it('hold 11,442 entries, and what becomes of each type adds up', () => {
    expect(report.addsUp()).toBe(true);
    expect(Object.fromEntries(report.rows().map((row) => [row.type, row.entries]))).toEqual({
      AllergyIntolerance: 29,
      CarePlan: 130,
      Claim: 1245,
      Condition: 307,
      DiagnosticReport: 345,
      Encounter: 1014,
      ExplanationOfBenefit: 1014,
      Goal: 80,
      ImagingStudy: 31,
      Immunization: 560,
      MedicationRequest: 231,
      Observation: 5373,
      Organization: 180,
      Patient: 48,
      Practitioner: 180,
      Procedure: 675,
    });
    expect(report.totals()).toMatchObject({ entries: 11_442, taken: 11_286, known: 50, merged: 106, left: 0 });
  });

  it('hold 48 people with all their documents, 9 of them dead', () => {
    const people = all.flatMap(({ residents }) => residents.map(({ draft }) => draft));
    expect(people.length).toBe(48);
    expect(people.filter(({ deceased }) => deceased?.at !== undefined).length).toBe(9);
    expect(new Set(people.map(({ sourceId }) => sourceId)).size).toBe(48);
    const documents = people.flatMap((person) => person.documents);
    expect(documents.length).toBe(48 + 48 + 48 + 43 + 42);
    expect(documents.filter(({ type }) => type === '03').length).toBe(42);
    expect(new Set(documents.map(({ type, issuer, number }) => `${type} ${issuer} ${number}`)).size).toBe(229);
  });

  it('hold 102 organisations and 102 practitioners in 180 entries each; those at work are affiliated', () => {
    expect(register.institutions().length).toBe(102);
    expect(register.practitioners().length).toBe(102);
    const known = new Set(register.institutions().map(({ key }) => key.number));
    const working = register.practitioners().filter(({ affiliations }) => affiliations.length > 0);
    expect(working.length).toBe(53);
    expect(working.every(({ affiliations }) => affiliations.every(({ number }) => known.has(number)))).toBe(true);
  });

  it('give every record an identity of its own, a known custodian and whole days', () => {
    const records = recordsOf(all);
    expect(records.length).toBe(11_034);
    expect(new Set(records.map(identity)).size).toBe(11_034);
    const known = new Set(register.institutions().map(({ key }) => key.number));
    for (const { custodian, period } of records) {
      expect(known.has(custodian.number)).toBe(true);
      expect(period.from <= period.to).toBe(true);
    }
  });

  it('give the same drafts when renamed', async () => {
    const other = await mkdtemp(join(tmpdir(), 'hrl-synthea-'));
    try {
      const name = files[0] ?? '';
      await copyFile(join(folder, name), join(other, 'renamed'));
      const again = extractBundle(cutBundle(await readBundleFile(join(other, 'renamed'))));
      expect(again.file).toBe('renamed');
      expect(again.residents).toEqual(all[0]?.residents);
      expect(again.practitioners).toEqual(all[0]?.practitioners);
    } finally {
      await rm(other, { recursive: true, force: true });
    }
  });
});
