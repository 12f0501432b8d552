import type { DocumentInput } from '../src/app/api.ts';
import type { DevelopmentToken } from '../src/auth/development-token.ts';
import { population, type SeedResident } from '../src/seed/population.ts';

type Key = { readonly system: string; readonly number: string };

export interface WelcomeOptions {
  readonly url: string;
  mint(token: Omit<DevelopmentToken, 'minutes'>): Promise<string>;
  /** The organisation that runs the platform; regulator and issuer speak for it. */
  readonly operator: Key;
  /** The population that an empty ledger would get. */
  readonly seed: string;
  readonly residents: number;
  /** Whether all of these are registered in this ledger. */
  known(who: {
    readonly document: DocumentInput;
    readonly institution: Key;
    readonly practitioner: Key;
  }): Promise<boolean>;
}

interface Example {
  readonly document: DocumentInput;
  readonly familyDoctor: SeedResident['familyDoctor'];
}

/**
 * The first resident of the population who lets an organisation read: an example that answers something. A ledger may hold another
 * population, or people of its own; then there is none, because a token of somebody who is not there is worth nothing.
 */
async function exampleOf({ seed, residents, known }: WelcomeOptions): Promise<Example | undefined> {
  if (residents === 0) return undefined;
  for (const item of population({ seed, residents })) {
    if (item.kind !== 'resident' || !item.consents.some(({ course }) => course === 'given')) continue;
    const { familyDoctor } = item;
    const { type, number } = item.draft.documents[0] as { type: string; number: string };
    const document = { type, number };
    return (await known({ document, ...familyDoctor })) ? { document, familyDoctor } : undefined;
  }
  return undefined;
}

const FIRST_RECORDS =
  '{ me { records(first: 5) { ... on RecordConnection { totalCount edges { node { title at category } } } } } }';
const WHO_READ =
  '{ me { accessLog { ... on TrailEntryConnection { edges { node { time kind purpose actor { name } } } } } } }';
const LATEST =
  '{ trail(first: 10) { ... on TrailEntryConnection { totalCount edges { node { time kind purpose organisation { name } } } } } }';

/** What a person sees who has just started the platform: where it listens, a token for each role, and three queries to paste. */
export async function welcome(options: WelcomeOptions): Promise<string[]> {
  const { url, mint, operator } = options;
  const example = await exampleOf(options);
  const lines = [
    '',
    `GraphQL and GraphiQL   ${url}`,
    `Health                 ${url.replace('/graphql', '/health/ready')}`,
    '',
    'Development tokens (12 hours, loopback only; another: npm run -s token -- --help)',
    `  regulator     ${await mint({ role: 'regulator', subject: 'regulator-1', organisation: operator })}`,
    `  issuer        ${await mint({ role: 'issuer', subject: 'office-1', organisation: operator })}`,
  ];
  const queries = [`  regulator     ${LATEST}`];
  if (example !== undefined) {
    const { practitioner, institution } = example.familyDoctor;
    const resident = { role: 'resident', subject: 'resident-1', document: example.document } as const;
    const doctor = { role: 'practitioner', subject: 'doctor-1', organisation: institution, practitioner } as const;
    lines.push(`  resident      ${await mint(resident)}`, `  practitioner  ${await mint(doctor)}`);
    queries.unshift(`  resident      ${FIRST_RECORDS}`, `  resident      ${WHO_READ}`);
  } else {
    lines.push(
      'This ledger holds people of its own, so residents and practitioners sign in by their own numbers:',
      '  npm run -s token -- --role resident --document "01|<number>"',
      '  npm run -s token -- --role practitioner --organisation "<system>|<number>" --practitioner "<system>|<number>"',
    );
  }
  return [
    ...lines,
    '',
    'Paste into GraphiQL, with {"authorization": "Bearer <token>"} as headers:',
    ...queries,
    '',
    'The whole story, step by step: npm run demo',
    '',
  ];
}
