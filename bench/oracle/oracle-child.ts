import type { Caller } from '../../src/app/actor.ts';
import { newCode } from '../../src/app/commands/resident-stream.ts';
import { inParallel } from '../../src/app/import/in-parallel.ts';
import { importParties } from '../../src/app/import/parties.ts';
import { importResident } from '../../src/app/import/resident.ts';
import { mintDevelopmentToken } from '../../src/auth/development-token.ts';
import { tokenVerifier } from '../../src/auth/verifier.ts';
import type { InstitutionDraft, PractitionerDraft } from '../../src/fhir/draft.ts';
import { createApiServer } from '../../src/graphql/server.ts';
import { logger } from '../../src/log.ts';
import { population, type SeedResident } from '../../src/seed/population.ts';
import { answerParent } from '../support/child.ts';
import { openBenchNode } from '../support/server.ts';

/** The process that serves bench/oracle: a whole node, and residents of whom one doctor may see nothing. */

/** Why the doctor is refused. */
export type Hidden = 'no-consent' | 'suspended' | 'closed' | 'dead';
export interface HiddenCode {
  readonly code: string;
  readonly why: Hidden;
}
const REASONS: readonly Hidden[] = ['no-consent', 'suspended', 'closed', 'dead'];

const HOST = '127.0.0.1';
const NO_LIMIT = 1_000_000_000;
const RECORDS = 4;
const ASKER = { system: 'urn:bench', number: 'asker' };

const node = await openBenchNode(process.env);
const { app, config, keyring } = node;
const key = keyring.developmentToken;
const server = createApiServer({
  platform: node.platform,
  entropy: app.entropy,
  verifier: await tokenVerifier({ provider: undefined, host: HOST, developmentKey: key, clock: app.clock }),
  log: logger({ level: config.logLevel }),
  development: false,
  ratePerMinute: NO_LIMIT,
  readiness: () => node.health(),
});

async function hidden(residents: number): Promise<HiddenCode[]> {
  const caller = node.local('bench');
  const institutions: InstitutionDraft[] = [{ key: ASKER, identifiers: [ASKER], name: 'The asker’s hospital' }];
  const practitioners: PractitionerDraft[] = [
    { key: ASKER, identifiers: [ASKER], name: 'The asker', affiliations: [ASKER] },
  ];
  const people: SeedResident[] = [];
  for (const item of population({ seed: 'bench-oracle', residents })) {
    if (item.kind === 'institution') institutions.push(item.draft);
    else if (item.kind === 'practitioner') practitioners.push(item.draft);
    else people.push(item);
  }
  const parties = await importParties(app, caller, { institutions, practitioners }, () => {});
  const office = { actor: { ...caller.actor, role: 'issuer' } } as Caller;
  const codes: HiddenCode[] = [];
  await inParallel([...people.entries()], 16, async ([i, { draft, records, codeBytes }]) => {
    const code = newCode(codeBytes);
    const why = REASONS[i % REASONS.length] as Hidden;
    const imported = await importResident(app, caller, { draft, records: records.slice(-RECORDS), code }, parties);
    if (imported.person.kind !== 'taken') throw new Error('a resident was left');
    const requestId = `bench-oracle-${i}`;
    const { platform } = node;
    const outcome =
      why === 'suspended'
        ? await platform.suspendCode(office, requestId, { code, reason: 'office' })
        : why === 'closed'
          ? await platform.closeCode(office, requestId, { code, reason: 'office' })
          : why === 'dead'
            ? await platform.reportDeath(office, requestId, { code })
            : undefined;
    if (outcome?.kind === 'refusal') throw new Error(`a resident could not be hidden: ${outcome.code}`);
    codes.push({ code, why });
  });
  const end = await app.ledger.end();
  if (end !== undefined && !(await app.projected.waitFor(end, 60_000))) throw new Error('the read tables stand still');
  return codes;
}

answerParent({
  hidden,
  listen: () => server.listen(0, HOST),
  token: () =>
    mintDevelopmentToken(
      key,
      { role: 'practitioner', subject: 'asker', organisation: ASKER, practitioner: ASKER, minutes: 720 },
      app.clock,
    ),
  absent: (count: number) => Array.from({ length: count }, () => newCode(app.entropy.bytes(32))),
  /** Events of accesses and requests: each question leaves one. */
  events: async () => {
    const [row] = await node.sql<{ count: string }[]>`
      select count(*)::text as count from events where type like 'access.%' or type like 'consent.requested%'`;
    return Number(row?.count);
  },
  end: async () => {
    await server.stop(1_000);
    await node.close();
  },
});
