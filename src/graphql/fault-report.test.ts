import { describe, expect, it } from 'vitest';
import { keptLog } from '../../test/support/graphql-api.ts';
import { LedgerBusy } from '../ledger/faults.ts';
import { ApiFault, badInput, FAULTS } from './fault.ts';
import { describe as describeError, faultReport } from './fault-report.ts';

describe('a report of faults', () => {
  it('counts each fault once, and begins with none of any code', () => {
    const report = faultReport(keptLog().log);
    expect(report.counts()).toEqual(Object.fromEntries(Object.keys(FAULTS).map((code) => [code, 0])));
    const told = report.told(badInput('a', 'b'), 'request-1');
    report.told(told, 'request-1');
    report.told(badInput('a', 'b'), 'request-1');
    expect(report.counts()).toMatchObject({ BAD_INPUT: 2, INTERNAL: 0 });
  });

  it('gives INTERNAL the request’s id, and logs it under that id', () => {
    const { log, lines } = keptLog();
    const told = faultReport(log).told(new ApiFault('INTERNAL', 'm', {}, new TypeError('PLANTED')), 'request-1');
    expect(told.extensions).toEqual({ code: 'INTERNAL', correlationId: 'request-1' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'error',
      fields: { requestId: 'request-1', error: { name: 'TypeError' } },
    });
  });

  it('logs what an operator must know of, and nothing of what a caller got wrong', () => {
    const { log, lines } = keptLog();
    const report = faultReport(log);
    for (const code of Object.keys(FAULTS) as (keyof typeof FAULTS)[])
      report.told(new ApiFault(code, 'm'), 'request-1');
    expect(lines.map(({ level, fields }) => `${level} ${fields.code ?? ''}`)).toEqual([
      'warn BUSY',
      'warn UNKNOWN_OUTCOME',
      'warn UNAVAILABLE',
      'warn LIMIT',
      'error ',
    ]);
  });
});

describe('an error in the log', () => {
  it('bears no message but that of our own faults, however deep it lies', () => {
    const driver = Object.assign(new Error('Key (number)=(PLANTED) already exists'), {
      code: '23505',
      detail: 'PLANTED',
    });
    const described = JSON.stringify(describeError(new Error('PLANTED', { cause: new LedgerBusy(5) })));
    expect(described).toContain('the ledger is busy');
    expect(described).not.toContain('PLANTED');
    const deep = JSON.stringify(describeError(new Error('PLANTED', { cause: driver })));
    expect(deep).toContain('23505');
    expect(deep).not.toContain('PLANTED');
  });

  it('whose message or stack spans lines, or whose causes form a ring, is described all the same', () => {
    const error: Error & { cause?: unknown } = new Error('first\n    at PLANTED (x:1:1)\nPLANTED');
    error.cause = error;
    const described = JSON.stringify(describeError(error));
    expect(described.length).toBeLessThan(20_000);
    expect(described).toContain('fault-report.test.ts');
    expect(described).not.toContain('PLANTED');
    expect(describeError('PLANTED')).toEqual({ name: 'string' });
    expect(describeError(undefined)).toBeUndefined();
  });
});
