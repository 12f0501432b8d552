import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLSchema } from 'graphql';

/** What is published: the printed SDL, and the tables of docs/api.md. The oracle reads these, never the sources. */

const API = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');

function table(name: string): string[][] {
  const text = new RegExp(`<!-- ${name} -->\\n([\\s\\S]*?)<!-- /${name} -->`).exec(API)?.[1];
  if (text === undefined) throw new Error(`docs/api.md has no table of ${name}`);
  const rows = text.trim().split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function numberOf(rows: readonly string[][], what: string): number {
  const value = rows.find(([name]) => name?.startsWith(what))?.[1];
  const found = Number(value?.split(' ')[0]);
  if (!Number.isInteger(found)) throw new Error(`docs/api.md does not say the limit of ${what}`);
  return found;
}

const limits = table('limits');
export const LIMITS = {
  letters: numberOf(limits, 'Document (`query`), letters'),
  tokens: numberOf(limits, 'Document, tokens'),
  depth: numberOf(limits, 'Depth'),
  aliases: numberOf(limits, 'Aliases'),
  directives: numberOf(limits, 'Directives'),
  cost: numberOf(limits, 'Cost of a request'),
  page: numberOf(limits, 'Rows of a page'),
  codes: numberOf(limits, 'Codes of `recordsOfSeveral`'),
} as const;

const costs = table('costs');
export const COSTS = {
  command: numberOf(costs, 'a command'),
  logged: numberOf(costs, 'a logged read'),
  open: numberOf(costs, 'an open read'),
} as const;

export const MESSAGES: ReadonlyMap<string, string> = new Map(
  table('refusals').map(([code = '', message = '']) => [code.replaceAll('`', ''), message]),
);

export function publishedSchema(): GraphQLSchema {
  return buildSchema(readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8'));
}
