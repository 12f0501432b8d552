import { MAX_CONTENT_BYTES } from '../app/commands/record.ts';
import { MAX_PAGE } from '../app/input.ts';
import { ROLES } from '../app/roles.ts';
import { MAX_TOKEN_LETTERS } from '../auth/bearer.ts';
import { MAX_TOKEN_LIFE_S } from '../auth/verify-token.ts';
import { REFUSAL_CODES, REFUSALS } from '../domain/refusals.ts';
import { ACTOR_KINDS } from '../kernel/event.ts';
import { MAX_BODY_BYTES } from './body.ts';
import { COSTS, MAX_COST } from './cost.ts';
import { MAX_ALIASES, MAX_DEPTH, MAX_DIRECTIVES, MAX_DOCUMENT_LETTERS, MAX_TOKENS } from './document-limits.ts';
import { FAULTS } from './fault.ts';
import { type OperationField, operationOf } from './operation.ts';
import { schema } from './schema.ts';
import { NAMESPACES, rootFields } from './schema-check.ts';
import { MAX_CODES } from './types/query.ts';
import { enumName } from './wire-enum.ts';

const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line), ''].join('\n');

const KINDS: { readonly [K in OperationField['kind']]: string } = {
  command: 'appends what it decides',
  gated: 'logs one access before it opens anything',
  open: 'logs nothing',
};

function roles(): string {
  const fields = rootFields(schema).filter(({ name }) => !NAMESPACES.has(name));
  const rows = fields.map(({ name, field }) => {
    const declared = operationOf(field);
    if (declared === undefined) throw new Error(`${name} declares no operation`);
    const permitted: readonly string[] = ROLES[declared.operation];
    const shown = name.replace('Query.', '').replace('Mutation.', '').replace('Me.', 'me.');
    return [`\`${shown}\``, ...ACTOR_KINDS.map((role) => (permitted.includes(role) ? '✓' : '')), KINDS[declared.kind]];
  });
  return table(['Field', ...ACTOR_KINDS, 'What it does'], rows);
}

function faults(): string {
  return table(
    ['Code', 'Status, when the answer is nothing else', 'Meaning'],
    Object.entries(FAULTS).map(([code, { status, meaning }]) => [
      `\`${code}\``,
      code === 'LIMIT' ? `${status}, or 400 without \`retryAfterMs\`` : String(status),
      meaning,
    ]),
  );
}

function refusals(): string {
  return table(
    ['Code', 'Message'],
    REFUSAL_CODES.map((code) => [`\`${enumName(code)}\``, REFUSALS[code].message]),
  );
}

function limits(): string {
  const mib = (bytes: number): string => `${bytes / 1024 / 1024} MiB`;
  return table(
    ['What', 'At most', 'Fault'],
    [
      ['Body of a request', mib(MAX_BODY_BYTES), '`TOO_LARGE`'],
      ['Content of a record, as UTF-8', mib(MAX_CONTENT_BYTES), '`TOO_LARGE` or `BAD_INPUT`'],
      ['Document (`query`), letters', String(MAX_DOCUMENT_LETTERS), '`LIMIT`'],
      ['Document, tokens', String(MAX_TOKENS), '`LIMIT`'],
      ['Depth, in fields; introspection is not counted', String(MAX_DEPTH), '`LIMIT`'],
      ['Aliases, fragments written out', String(MAX_ALIASES), '`LIMIT`'],
      ['Directives, fragments written out', String(MAX_DIRECTIVES), '`LIMIT`'],
      ['Cost of a request, in points', String(MAX_COST), '`LIMIT`'],
      ['Rows of a page (`first`)', String(MAX_PAGE), '`BAD_INPUT`'],
      ['Codes of `recordsOfSeveral`', String(MAX_CODES), '`BAD_INPUT`'],
      ['Calls of one actor for one purpose in a minute', '`RATE_LIMIT_PER_MINUTE`', '`LIMIT` with `retryAfterMs`'],
      ['Appends that wait', '`MAX_QUEUE`', '`BUSY` with `retryAfterMs`'],
      ['Letters of the `Authorization` header', String(MAX_TOKEN_LETTERS), '`UNAUTHENTICATED`'],
      ['Life of a token from now on', `${MAX_TOKEN_LIFE_S / 3600} hours`, '`UNAUTHENTICATED`'],
    ],
  );
}

function costs(): string {
  return table(
    ['Each occurrence of', 'Points'],
    [
      ['a command', String(COSTS.command)],
      ['a logged read', String(COSTS.gated)],
      ['a logged page', `${COSTS.gated} + \`first\``],
      ['`recordsOfSeveral`', `codes × (${COSTS.gated} + \`first\`)`],
      ['an open read', String(COSTS.open)],
      ['an open page', `${COSTS.open} + \`first\``],
      ['any field below these, and `me` itself', '0'],
    ],
  );
}

/** The tables of docs/api.md by the name of their section there; `npm run generate` writes them. */
export const API_TABLES: Readonly<Record<string, () => string>> = { roles, faults, refusals, limits, costs };
