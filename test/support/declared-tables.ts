import { is, SQL } from 'drizzle-orm';
import { getTableConfig, PgDialect, type PgTable } from 'drizzle-orm/pg-core';
import { expect, it } from 'vitest';
import type { Sql } from '../../src/postgres/pools.ts';

/** That migrations have made these tables as `schema/tables` declares them: columns, types, what must be given, what it is else, constraints. */
export function itIsAsDeclared(tables: readonly PgTable[], database: () => { readonly ownerSql: Sql }): void {
  it.each(tables.map((table) => ({ table, name: getTableConfig(table).name })))(
    '$name is in the database as it is declared',
    async ({ table, name }) => {
      const declared = getTableConfig(table);
      const { ownerSql } = database();
      const columns = await ownerSql<{ name: string; type: string; required: boolean; value: string | null }[]>`
        select a.attname as name, a.attnotnull as required, pg_get_expr(d.adbin, d.adrelid) as value,
          format_type(a.atttypid, a.atttypmod) || case when a.attcollation = 'pg_catalog."C"'::regcollation then ' COLLATE "C"' else '' end as type
        from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = ${name}::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`;
      expect(columns.map((column) => ({ ...column, value: column.value ?? undefined }))).toEqual(
        declared.columns.map((column) => ({
          name: column.name,
          type: column.getSQLType(),
          required: column.notNull,
          value: defaultOf(column.default),
        })),
      );
      const constraints = await ownerSql<{ name: string }[]>`
        select conname as name from pg_constraint where conrelid = ${name}::regclass and contype in ('c', 'u', 'p') order by conname`;
      const names = [
        ...declared.checks.map((check) => check.name),
        ...declared.uniqueConstraints.map((unique) => unique.getName()),
        `${name}_pkey`,
      ];
      expect(constraints.map((constraint) => constraint.name)).toEqual(names.sort());
    },
  );
}

const defaultOf = (declared: unknown): string | undefined =>
  is(declared, SQL) ? new PgDialect().sqlToQuery(declared).sql : declared === undefined ? undefined : String(declared);
