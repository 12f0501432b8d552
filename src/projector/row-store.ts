import type { Sql, TransactionSql } from '../postgres/pools.ts';
import type { AnyProjection, Column } from './define.ts';
import type { Row } from './evolve.ts';

/** Text of one statement at most; a single row may be longer. */
const MAX_STATEMENT_LETTERS = 4 * 1024 * 1024;

/** Reads and writes the rows of one read model, in its own table or in a copy of that shape. */
export interface RowStore {
  /** The rows that exist among these keys. One query. */
  load(tx: Sql | TransactionSql, keys: ReadonlySet<string>): Promise<Map<string, Row>>;
  /** Puts and removes rows; nothing is durable before the caller's transaction is. */
  write(tx: Sql | TransactionSql, changes: ReadonlyMap<string, Row | null>): Promise<void>;
}

/**
 * Statements are put together once, from names that `defineProjection` has checked; values only ever travel as parameters. Rows go as
 * one JSON text: a statement stays the same whatever the number of rows, so the server prepares it once.
 */
export function rowStore(projection: AnyProjection, table: string = projection.table): RowStore {
  const { columns, keyColumn } = projection;
  const key = columns.find((column) => column.name === keyColumn) as Column;
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const others = columns.filter((column) => column !== key).map(({ name }) => `"${name}" = excluded."${name}"`);
  const among = `"${keyColumn}" = any($1::text[]::${key.type}[])`;
  const select = `select ${names} from "${table}" where ${among}`;
  const remove = `delete from "${table}" where ${among}`;
  const put =
    `insert into "${table}" (${names}) select ${names} from json_populate_recordset(null::"${table}", $1::text::json) ` +
    `on conflict ("${keyColumn}") do update set ${others.join(', ')}`;
  const prepared = { prepare: true };

  return {
    async load(tx, keys) {
      if (keys.size === 0) return new Map();
      const found = await tx.unsafe(select, [[...keys]], prepared);
      return new Map(found.map((raw) => [String(raw[keyColumn]), fromSql(columns, raw)]));
    },
    async write(tx, changes) {
      const gone = [...changes].filter(([, row]) => row === null).map(([key]) => key);
      const statements = textsOf(columns, changes.values()).map((text) => tx.unsafe(put, [text], prepared));
      if (gone.length > 0) statements.push(tx.unsafe(remove, [gone], prepared));
      await Promise.all(statements);
    },
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

/** JSON arrays of rows, each within the size of a statement. */
function textsOf(columns: readonly Column[], rows: Iterable<Row | null>): string[] {
  const texts: string[] = [];
  let parts: string[] = [];
  let letters = 0;
  const flush = () => {
    if (parts.length > 0) texts.push(`[${parts.join(',')}]`);
    parts = [];
    letters = 0;
  };
  for (const row of rows) {
    if (row === null) continue;
    const text = JSON.stringify(Object.fromEntries(columns.map(({ field, name }) => [name, toJson(row[field])])));
    if (letters + text.length > MAX_STATEMENT_LETTERS) flush();
    parts.push(text);
    letters += text.length + 1;
  }
  flush();
  return texts;
}

/** Postgres reads each back by the column's type: `\x…` as bytea, digits as bigint, a list as an array. */
function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Uint8Array)) return value;
  return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
}
