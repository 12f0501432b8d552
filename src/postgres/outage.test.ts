import { describe, expect, it } from 'vitest';
import { answered, causeOf, isAway } from './outage.ts';

const failed = (code: string): Error =>
  Object.assign(new Error('duplicate key Zhang San'), { code, detail: 'Key (name)=(Zhang San)' });

describe('an error of the database', () => {
  it.each(['ECONNRESET', 'CONNECTION_CLOSED', '57P01', '53100', '55P03', '40P01', '08006'])(
    '%s is an outage',
    (code) => {
      expect(isAway(failed(code))).toBe(true);
    },
  );

  it.each(['42P01', '23505', '22P02', ''])('%s is a bug of ours, not an outage', (code) => {
    expect(isAway(failed(code))).toBe(false);
  });

  it('is kept by its code alone: its text can quote rows', () => {
    const cause = causeOf(failed('23505'));
    expect(cause.message).not.toContain('Zhang San');
    expect(JSON.stringify(cause)).toBe('{"code":"23505"}');
  });
});

describe('a query that is never answered', () => {
  it('becomes an outage', async () => {
    const silent = new Promise<never>(() => undefined);
    const outcome = await answered(silent, 20).catch((error: unknown) => error);
    expect(isAway(outcome)).toBe(true);
  });

  it('one that is answered in time keeps its answer, and its failure', async () => {
    expect(await answered(Promise.resolve('rows'), 1_000)).toBe('rows');
    await expect(answered(Promise.reject(failed('23505')), 1_000)).rejects.toMatchObject({ code: '23505' });
  });
});
