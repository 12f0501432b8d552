import { describe, expect, it } from 'vitest';
import { AppendConflict, LedgerCorrupt, LedgerUnavailable } from '../faults.ts';
import { isLockTimeout, isOutage, toFault } from './database-error.ts';

const failed = (code: string) =>
  Object.assign(new Error('failed'), { code, detail: 'Key (stream)=(resident/x)', parameters: ['x'] });

describe('an error of the database', () => {
  it.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'CONNECTION_CLOSED',
    'CONNECT_TIMEOUT',
    '57P01',
    '57P03',
    '08006',
    '53300',
  ])('%s is an outage, raw and as a fault: waiting may mend it', (code) => {
    expect(isOutage(failed(code))).toBe(true);
    expect(isOutage(toFault(failed(code)))).toBe(true);
  });

  it.each(['42501', '42P01', '23505', '28P01', 'CONNECTION_ENDED', ''])('%s is none', (code) => {
    expect(isOutage(failed(code))).toBe(false);
    expect(isOutage(toFault(failed(code)))).toBe(false);
  });

  it('that breaks a key of ours means that the ledger contradicts itself', () => {
    expect(toFault(failed('23505'))).toBeInstanceOf(LedgerCorrupt);
    expect(toFault(failed('23514'))).toBeInstanceOf(LedgerCorrupt);
  });

  it('becomes a fault with code and message only; a fault stays what it is', () => {
    const fault = toFault(failed('53100'));
    expect(fault).toBeInstanceOf(LedgerUnavailable);
    expect(JSON.stringify(fault.cause)).toBe('{"code":"53100"}');
    const conflict = new AppendConflict('seen');
    expect(toFault(conflict)).toBe(conflict);
    expect(toFault('text')).toBeInstanceOf(LedgerUnavailable);
  });

  it('55P03 is a lock that was not given', () => {
    expect([isLockTimeout(toFault(failed('55P03'))), isLockTimeout(toFault(failed('53100')))]).toEqual([true, false]);
  });
});
