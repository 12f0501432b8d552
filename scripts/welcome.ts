import type { DevelopmentToken } from '../src/auth/development-token.ts';
import { population, type SeedResident } from '../src/seed/population.ts';

type Mint = (token: Omit<DevelopmentToken, 'minutes'>) => Promise<string>;

/** The first resident of the population who lets an organisation read: an example that answers something. */
function exampleOf(seed: string, residents: number): SeedResident | undefined {
  for (const item of population({ seed, residents })) {
    if (item.kind === 'resident' && item.consents.some(({ course }) => course === 'given')) return item;
  }
  return undefined;
}

/** What a person sees who has just started the platform: where it listens, a token for each role, and three queries to paste. */
export async function welcome(
  url: string,
  mint: Mint,
  operator: { readonly system: string; readonly number: string },
  seed: string,
  residents: number,
): Promise<string[]> {
  const example = residents === 0 ? undefined : exampleOf(seed, residents);
  const lines = [
    '',
    `GraphQL and GraphiQL   ${url}`,
    `Health                 ${url.replace('/graphql', '/health/ready')}`,
    '',
    'Development tokens (12 hours, loopback only; another: npm run -s token -- --help)',
    `  regulator     ${await mint({ role: 'regulator', subject: 'regulator-1', organisation: operator })}`,
    `  issuer        ${await mint({ role: 'issuer', subject: 'office-1', organisation: operator })}`,
  ];
  if (example !== undefined) {
    const { practitioner, institution } = example.familyDoctor;
    const { type, number } = example.draft.documents[0] as { type: string; number: string };
    const resident = { role: 'resident', subject: 'resident-1', document: { type, number } } as const;
    const doctor = { role: 'practitioner', subject: 'doctor-1', organisation: institution, practitioner } as const;
    lines.push(`  resident      ${await mint(resident)}`, `  practitioner  ${await mint(doctor)}`);
    lines.push(
      '',
      'Paste into GraphiQL, with {"authorization": "Bearer <token>"} as headers:',
      '  resident      { me { records(first: 5) { ... on RecordConnection { totalCount edges { node { title at category } } } } } }',
      '  resident      { me { accessLog { ... on TrailEntryConnection { edges { node { time kind purpose actor { name } } } } } } }',
      '  regulator     { trail(first: 10) { ... on TrailEntryConnection { totalCount edges { node { time kind purpose organisation { name } } } } } }',
      '',
      `The whole story, step by step: npm run demo`,
    );
  }
  return [...lines, ''];
}
