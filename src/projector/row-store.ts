import type { Sql } from '../postgres/pools.ts';
import type { AnyProjection, Column } from './define.ts';
import type { Row } from './evolve.ts';

/**
 * The rows of one read model, in its own table or in one of that shape. Statements are put together from names that `defineProjection`
 * has checked; values only ever travel as parameters. Lists go both ways as JSON: the driver knows arrays only after a query of its own.
 */
export interface RowStore {
  /** The rows that exist among these keys. One query. */
  load(sql: Sql, keys: ReadonlySet<string>): Promise<Map<string, Row>>;
  /** A clause that puts the rows of parameter `n`, as `rowsParameter` writes them. */
  putClause(n: number, condition: string): string;
  rowsParameter(rows: Iterable<Row>): string;
  /** A clause that removes the rows under the keys of parameter `n`, as `keysParameter` writes them. */
  removeClause(n: number, condition: string): string;
}

export const keysParameter = (keys: Iterable<string>): string => JSON.stringify([...keys]);

export function rowStore(projection: AnyProjection, table: string = projection.table): RowStore {
  const { columns, keyColumn } = projection;
  const key = columns.find((column) => column.name === keyColumn) as Column;
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const read = columns.map(({ name, type }) => (type.endsWith('[]') ? `to_json("${name}") as "${name}"` : `"${name}"`));
  const others = columns.filter((column) => column !== key).map(({ name }) => `"${name}" = excluded."${name}"`);
  const among = (n: number) =>
    `"${keyColumn}" = any(array(select json_array_elements_text($${n}::text::json))::${key.type}[])`;
  const select = `select ${read.join(', ')} from "${table}" where ${among(1)}`;

  return {
    async load(sql, keys) {
      if (keys.size === 0) return new Map();
      const found = await sql.unsafe(select, [keysParameter(keys)], { prepare: true });
      return new Map(found.map((raw) => [String(raw[keyColumn]), fromSql(columns, raw)]));
    },
    putClause: (n, condition) =>
      `insert into "${table}" (${names}) select ${names} from json_populate_recordset(null::"${table}", $${n}::text::json) ` +
      `where ${condition} on conflict ("${keyColumn}") do update set ${others.join(', ')}`,
    rowsParameter: (rows) => JSON.stringify(Array.from(rows, (row) => toSql(columns, row))),
    removeClause: (n, condition) => `delete from "${table}" where ${among(n)} and ${condition}`,
  };
}

function fromSql(columns: readonly Column[], raw: Record<string, unknown>): Row {
  const row: Row = {};
  for (const { field, name } of columns) {
    const value = raw[name];
    // The driver's Buffer is a window into what it received; a row must not keep all of that.
    row[field] = value instanceof Uint8Array ? Uint8Array.from(value) : value;
  }
  return row;
}

function toSql(columns: readonly Column[], row: Row): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ field, name }) => [name, toJson(row[field])]));
}

/** Postgres reads each back by the column's type: `\x…` as bytea, digits as bigint, a list as an array. */
function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Uint8Array)) return value;
  return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
}
