import type { PartyKey, ResidentDraft } from '../../fhir/draft.ts';
import { type BundleDrafts, type ExtractOptions, extractBundle, extractParties } from '../../fhir/extract.ts';
import { type ImportReport, importReport } from '../../fhir/import-report.ts';
import { type PartyRegister, partyRegister } from '../../fhir/party-register.ts';
import { isFault } from '../../kernel/fault.ts';
import { isId16 } from '../../kernel/id.ts';
import { documentNormalForm } from '../../vault/normal-form.ts';
import type { Caller } from '../actor.ts';
import type { App } from '../app.ts';
import { institutionClaim } from '../claim-refs.ts';
import { bundleShelf } from './bundle-shelf.ts';
import { inParallel } from './in-parallel.ts';
import { importParties, type PartyIds } from './parties.ts';
import { importResident, type RecordImport } from './resident.ts';
import { turns } from './turns.ts';

export interface ImportOptions {
  /** Paths of bundles. */
  readonly files: readonly string[];
  /** Source system of resources whose patient names none. */
  readonly source?: string;
  /** Custodian of records that name no provider; must be registered. */
  readonly custodian?: PartyKey;
  /** Residents that are under way at once; 8 unless told. */
  readonly parallel?: number;
  readonly onProgress?: (done: { readonly files: number; readonly phase: 'parties' | 'residents' }) => void;
}

/** While one resident waits for the database, the next are read and sealed. */
const PARALLEL = 8;

/**
 * Imports FHIR R4 transaction bundles: organisations and practitioners of all files first, then each resident in one atomic append. A file
 * that cannot be read is named and left, and the rest goes on. Files are gone through twice; those that fit are kept in memory in
 * between, the others are read again, so that a folder of any size can be taken. Running it again, on the same files under any names
 * and in any order, adds nothing.
 */
export async function importBundles(app: App, caller: Caller, options: ImportOptions): Promise<ImportReport> {
  const report = importReport();
  const register = partyRegister();
  const shelf = bundleShelf();
  const failed = new Set<string>();
  const perFile = fileGuard(report, failed);
  let files = 0;
  for await (const [file, bundle] of shelf.all(options.files)) {
    await perFile(file, async () => {
      for (const { type, outcome } of register.add(extractParties(await bundle))) {
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

  files = failed.size;
  const extract = extractOptions(options, register);
  const people = async function* (): AsyncGenerator<Waiting> {
    for await (const [file, bundle] of shelf.all(options.files, failed)) {
      const drafts = await perFile(file, async () => extractBundle(await bundle, extract));
      const over = (): void => options.onProgress?.({ files: ++files, phase: 'residents' });
      if (drafts === undefined) {
        over();
        continue;
      }
      for (const { type, reason } of drafts.left) {
        report.read(type);
        report.settled(type, 'left', reason);
      }
      let left = drafts.residents.length;
      const done = (): void => {
        if (left-- > 0) return;
        report.fileDone();
        over();
      };
      for (const person of drafts.residents) yield { person, done };
      done();
    }
  };
  const inTurn = turns();
  await inParallel(people(), options.parallel ?? PARALLEL, async ({ person, done }) => {
    await inTurn(person.draft.documents.map(nameOf), () => importPerson(app, caller, person, ids, report));
    done();
  });
  return report;
}

interface Waiting {
  readonly person: BundleDrafts['residents'][number];
  /** To be called when the person is in. */
  readonly done: () => void;
}

/** Documents that are spelt in two ways are still one: the claims see to that, as they do when two programs import at once. */
const nameOf = ({ type, issuer, number }: ResidentDraft['documents'][number]): string =>
  JSON.stringify([type, issuer ?? '', documentNormalForm(type, number)]);

/** A fault of one file is that file's; whatever is wrong with the ledger or the database ends the import. */
function fileGuard(report: ImportReport, failed: Set<string>) {
  return async <T>(file: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!isFault(error) || !error.code.startsWith('bundle-')) throw error;
      failed.add(file);
      report.fileFailed({ file, code: error.code, message: error.message });
      return undefined;
    }
  };
}

function extractOptions({ source, custodian }: ImportOptions, register: PartyRegister): ExtractOptions {
  return {
    ...(source === undefined ? {} : { source }),
    ...(custodian === undefined ? {} : { custodian }),
    partyElsewhere: register.partyElsewhere,
  };
}

async function importPerson(
  app: App,
  caller: Caller,
  { draft, records }: BundleDrafts['residents'][number],
  parties: PartyIds,
  report: ImportReport,
): Promise<void> {
  report.read('Patient');
  for (const record of records) report.read(record.draft.type);
  const result = await importResident(app, caller, { draft, records: records.map((record) => record.draft) }, parties);
  if (result.person.kind === 'left') report.settled('Patient', 'left', result.person.reason);
  else report.settled('Patient', result.person.kind);
  records.forEach((record, i) => {
    const outcome = result.records[i] as RecordImport;
    if (outcome.kind === 'left') report.settled(record.draft.type, 'left', outcome.reason);
    else report.settled(record.draft.type, outcome.kind);
  });
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
