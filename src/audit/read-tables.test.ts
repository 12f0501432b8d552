import { describe, expect, it } from 'vitest';
import { Malformed } from '../kernel/fault.ts';
import { LedgerCorrupt, LedgerUnavailable } from '../ledger/faults.ts';
import { checkReadTables } from './read-tables.ts';
import { damage } from './store-damage.ts';

const withCode = (code: string): Error => Object.assign(new Error('relation "x" does not exist'), { code });

describe('read tables', () => {
  it('are right when none differs; else the first that does is told', async () => {
    expect(await checkReadTables(async () => [])).toBeUndefined();
    const codes = { table: 'codes', rows: 2 };
    expect(await checkReadTables(async () => [codes, { table: 'consents', rows: 1 }])).toEqual({
      kind: 'read-table-differs',
      detail: 'codes: 2 rows differ from a rebuild; npm run rebuild mends read tables',
    });
  });

  it.each([withCode('42P01'), new LedgerCorrupt('a gap'), new Malformed('position', 'not a position')])(
    'that cannot be compared differ',
    async (error) => {
      expect((await checkReadTables(() => Promise.reject(error)))?.kind).toBe('read-table-differs');
    },
  );

  it.each([withCode('08006'), withCode('42501'), new TypeError('a bug'), 'nothing'])(
    'are not accused of an outage, a setting or a bug',
    async (error) => {
      await expect(checkReadTables(() => Promise.reject(error))).rejects.toBe(error);
    },
  );
});

describe('damage of the store', () => {
  it('is told by its code, also where a fault has been put around it, and never by a message that quotes rows', () => {
    for (const code of ['22P02', '42703', 'XX001']) {
      const told = `a table is not as it was made (SQLSTATE ${code})`;
      expect(damage(withCode(code))).toBe(told);
      expect(damage(new LedgerUnavailable(withCode(code)))).toBe(told);
    }
    expect(damage(new LedgerCorrupt('a gap'))).toContain('a gap');
  });

  it('is no outage, no lack of rights, no bug', () => {
    for (const code of ['08006', '57P01', '53300', '42501', 'ECONNREFUSED', '40001'])
      expect(damage(new LedgerUnavailable(withCode(code)))).toBeUndefined();
    expect(damage(new TypeError('a bug'))).toBeUndefined();
    expect(damage(undefined)).toBeUndefined();
  });
});
