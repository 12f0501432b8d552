import { readBundleFile } from '../../fhir/bundle-text.ts';
import { cutBundle } from '../../fhir/cut.ts';
import type { PartyKey } from '../../fhir/draft.ts';
import { type BundleDrafts, type ExtractOptions, extractBundle, type LeftEntry } from '../../fhir/extract.ts';
import { type ImportReport, importReport } from '../../fhir/import-report.ts';
import { type PartyRegister, partyRegister } from '../../fhir/party-register.ts';
import { isFault } from '../../kernel/fault.ts';
import { isId16 } from '../../kernel/id.ts';
import type { Caller } from '../actor.ts';
import type { App } from '../app.ts';
import { institutionClaim } from '../claim-refs.ts';
import { importParties, type PartyIds } from './parties.ts';
import { importResident, type RecordImport } from './resident.ts';

export interface ImportOptions {
  /** Paths of bundles. */
  readonly files: readonly string[];
  /** Source system of resources whose patient names none. */
  readonly source?: string;
  /** Custodian of records that name no provider; must be registered. */
  readonly custodian?: PartyKey;
  readonly onProgress?: (done: { readonly files: number; readonly phase: 'parties' | 'residents' }) => void;
}

/**
 * Imports FHIR R4 transaction bundles: organisations and practitioners of all files first, then each resident in one atomic append. A file
 * that cannot be read is named and left, and the rest goes on. Files are read twice, one at a time, so that a folder of any size fits
 * in memory. Running it again, on the same files under any names and in any order, adds nothing.
 */
export async function importBundles(app: App, caller: Caller, options: ImportOptions): Promise<ImportReport> {
  const report = importReport();
  const register = partyRegister();
  const failed = new Set<string>();
  let files = 0;
  for (const file of options.files) {
    await perFile(report, failed, file, async () => {
      const drafts = await draftsOf(file, options);
      for (const { type, outcome } of register.add(drafts)) {
        report.read(type);
        if (outcome.kind !== 'new') report.settled(type, outcome.kind === 'same' ? 'known' : 'merged');
      }
    });
    options.onProgress?.({ files: ++files, phase: 'parties' });
  }

  const parties = await importParties(
    app,
    caller,
    { institutions: register.institutions(), practitioners: register.practitioners() },
    (kind, _key, result) => {
      const type = kind === 'institution' ? 'Organization' : 'Practitioner';
      if (result.kind === 'left') report.settled(type, 'left', result.reason);
      else report.settled(type, result.kind);
    },
  );
  const ids = await withCustodian(app, parties, options.custodian);

  files = 0;
  for (const file of options.files) {
    if (!failed.has(file)) {
      await perFile(report, failed, file, async () => {
        await importFile(app, caller, await draftsOf(file, options, register), ids, report);
        report.fileDone();
      });
    }
    options.onProgress?.({ files: ++files, phase: 'residents' });
  }
  return report;
}

/** A fault of one file is that file's; whatever is wrong with the ledger or the database ends the import. */
async function perFile(
  report: ImportReport,
  failed: Set<string>,
  file: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isFault(error) || !error.code.startsWith('bundle-')) throw error;
    failed.add(file);
    report.fileFailed({ file, code: error.code, message: error.message });
  }
}

async function draftsOf(file: string, options: ImportOptions, register?: PartyRegister): Promise<BundleDrafts> {
  const { source, custodian } = options;
  const extract: ExtractOptions = {
    ...(source === undefined ? {} : { source }),
    ...(custodian === undefined ? {} : { custodian }),
    ...(register === undefined ? {} : { partyElsewhere: register.partyElsewhere }),
  };
  return extractBundle(cutBundle(await readBundleFile(file)), extract);
}

async function importFile(
  app: App,
  caller: Caller,
  drafts: BundleDrafts,
  parties: PartyIds,
  report: ImportReport,
): Promise<void> {
  const leave = ({ type, reason }: LeftEntry): void => {
    report.read(type);
    report.settled(type, 'left', reason);
  };
  drafts.left.forEach(leave);
  for (const { draft, records } of drafts.residents) {
    report.read('Patient');
    for (const record of records) report.read(record.draft.type);
    const result = await importResident(
      app,
      caller,
      { draft, records: records.map((record) => record.draft) },
      parties,
    );
    if (result.person.kind === 'left') report.settled('Patient', 'left', result.person.reason);
    else report.settled('Patient', result.person.kind);
    records.forEach((record, i) => {
      const outcome = result.records[i] as RecordImport;
      if (outcome.kind === 'left') report.settled(record.draft.type, 'left', outcome.reason);
      else report.settled(record.draft.type, outcome.kind);
    });
  }
}

/** The custodian given on the command line may be one that no file names; then it is looked up. */
async function withCustodian(app: App, parties: PartyIds, custodian: PartyKey | undefined): Promise<PartyIds> {
  if (custodian === undefined || parties.institution(custodian) !== undefined) return parties;
  const [id] = await app.claims.lookup([institutionClaim(custodian)]);
  if (id === undefined || !isId16(id)) return parties;
  return {
    practitioner: parties.practitioner,
    institution: (key) =>
      key.system === custodian.system && key.number === custodian.number ? id : parties.institution(key),
  };
}
