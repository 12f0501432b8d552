import { defineCommand } from 'citty';
import { readConfig } from '../src/config.ts';
import { Malformed } from '../src/kernel/fault.ts';
import { type Answer, ApiFailed, call } from './api-client.ts';
import { program, talk } from './cli.ts';
import { TRAIL } from './demo-queries.ts';
import { progress } from './progress.ts';

interface Entry {
  readonly event: string;
  readonly time: string;
  readonly kind: string;
  readonly purpose: string | null;
  readonly trace: string | null;
  readonly actorKind: string;
  readonly actor: { readonly id: string; readonly name: string | null };
  readonly organisation: { readonly id: string; readonly name: string | null } | null;
  readonly details: Record<string, string | number | readonly string[] | null> | null;
}

const COLUMNS = [
  'event',
  'time',
  'kind',
  'actorKind',
  'actorId',
  'actorName',
  'organisationId',
  'organisationName',
  'purpose',
  'trace',
  'rule',
  'basis',
  'policy',
  'what',
  'categories',
  'count',
  'grants',
  'servedRoot',
] as const;

/** One flat row an access: the columns of the CSV and the keys of the NDJSON. */
function flat({ actor, organisation, details, ...entry }: Entry): Record<string, unknown> {
  return {
    ...entry,
    actorId: actor.id,
    actorName: actor.name,
    organisationId: organisation?.id ?? null,
    organisationName: organisation?.name ?? null,
    ...(details ?? {}),
  };
}

/** RFC 4180; a cell that a spreadsheet would run as a formula is kept text by a leading apostrophe. */
function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = Array.isArray(value) ? value.join(' ') : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

await program(
  defineCommand({
    meta: {
      name: 'npm run -s export --',
      description:
        'Export a trail of accesses as NDJSON or CSV, through the API and with a regulator’s token, so that the export stands in the log like any other reading. Rows go to stdout.',
    },
    args: {
      token: { type: 'string', description: 'A regulator’s token', required: true },
      format: { type: 'enum', options: ['ndjson', 'csv'], default: 'ndjson', description: 'ndjson or csv' },
      code: { type: 'string', description: 'Of one resident, by health code' },
      person: { type: 'string', description: 'Of one practitioner or officer, by id' },
      organisation: { type: 'string', description: 'Of one organisation, by id' },
      purpose: { type: 'string', description: 'Of one purpose, such as TREAT' },
      trace: { type: 'string', description: 'Of one X-Request-Id' },
      from: { type: 'string', description: 'From this instant on', valueHint: 'YYYY-MM-DDTHH:MM:SS.sssZ' },
      until: { type: 'string', description: 'Until this instant, not included' },
      url: { type: 'string', description: 'The GraphQL endpoint', valueHint: 'URL' },
    },
    run: async ({ args }) => {
      const url = args.url ?? `http://127.0.0.1:${readConfig().port}/graphql`;
      const { code, person, organisation, purpose, trace, from, until } = args;
      const filter = Object.fromEntries(
        Object.entries({ code, person, organisation, purpose, trace, from, until }).filter(
          ([, value]) => value !== undefined,
        ),
      );
      if (args.format === 'csv') process.stdout.write(`${COLUMNS.join(',')}\r\n`);
      const bar = progress('accesses', undefined);
      let after: string | null = null;
      let rows = 0;
      for (;;) {
        const page: Answer = await call(url, args.token, TRAIL, { filter, first: 200, after });
        if (page.__typename === 'Refusal')
          throw new ApiFailed(`${page.code}: ${page.message}`, { next: 'a regulator’s token exports trails' });

        for (const { node } of page.edges as { node: Entry }[]) {
          const row = flat(node);
          const line =
            args.format === 'csv'
              ? `${COLUMNS.map((name) => csvCell(row[name])).join(',')}\r\n`
              : `${JSON.stringify(row)}\n`;
          if (!process.stdout.write(line)) await new Promise((resolve) => process.stdout.once('drain', resolve));
          bar.at(++rows);
        }
        const { hasNextPage, endCursor } = page.pageInfo as { hasNextPage: boolean; endCursor: string | null };
        if (!hasNextPage) break;
        if (endCursor === null) throw new Malformed('endCursor', 'is missing on a page that is not the last');
        after = endCursor;
      }
      bar.end();
      talk(`${rows} accesses`);
    },
  }),
);
