import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiUnderTest, only, openApi } from '../support/api.ts';
import {
  type Cast,
  CONTENT,
  castOf,
  type Doctor,
  inMs,
  mutation,
  RECORDS,
  type Resident,
  VERIFY,
} from '../support/cast.ts';

/** That a code is somebody's is not told by how long the answer takes; bench/oracle measures how well (decision 0027). */

let api: ApiUnderTest;
let cast: Cast;
let asker: Doctor;
let hidden: Resident;
let closed: Resident;
beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  asker = await cast.doctor(await cast.hospital());
  hidden = await cast.resident();
  closed = await cast.resident();
  await cast.record(await cast.doctor(await cast.hospital()), hidden);
  await cast.done(cast.office, 'closeCode', { code: closed.code, reason: 'OFFICE' });
});
afterAll(() => api.close());

/** The fastest of some: what the machine does beside makes answers later, never earlier. */
async function fastest(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const began = performance.now();
    await ask();
    times.push(performance.now() - began);
  }
  return Math.min(...times);
}

/** Less than a step of 50 ms, as a timer may come a moment early; several times what such an answer takes by itself. */
const STEP_MS = 49;

describe('an answer that may not tell whether somebody stands behind a code', () => {
  const ways: readonly (readonly [string, (code: string) => Promise<unknown>])[] = [
    ['records', (code) => api.post(asker.token, RECORDS, { code })],
    ['content', (code) => api.post(asker.token, CONTENT, { code, record: 'none' })],
    [
      'withdrawing a record',
      (code) =>
        cast.tell(asker.token, 'withdrawRecord', {
          code,
          sourceSystem: 'x',
          type: 'x',
          sourceId: 'x',
          reason: 'CUSTODIAN',
        }),
    ],
    [
      'a request for consent',
      (code) =>
        cast.tell(asker.token, 'requestConsent', {
          code,
          granteeKind: 'INSTITUTION',
          purposes: ['HRESCH'],
          categories: ['OUTPATIENT'],
          period: { from: '2024-01-01', to: '2024-12-31' },
          validUntil: inMs(86_400_000),
        }),
    ],
  ];
  it.each(ways)('comes at the next step of time, whoever is behind it or nobody: %s', async (_what, ask) => {
    for (const code of [hidden.code, closed.code, '0'.repeat(32)]) {
      expect(await fastest(() => ask(code)), code).toBeGreaterThan(STEP_MS);
    }
  });

  it('comes so from a verification too, by the office as well', async () => {
    for (const token of [asker.token, cast.office]) {
      for (const code of [closed.code, '0'.repeat(32)]) {
        expect(await fastest(() => api.post(token, VERIFY, { code }))).toBeGreaterThan(STEP_MS);
      }
    }
  });

  it('and no other: what is opened, and what is refused whatever the code is, comes at once', async () => {
    expect(only(await api.post(asker.token, VERIFY, { code: hidden.code })).__typename).toBe('CodeVerification');
    const opened = await fastest(() => api.post(asker.token, VERIFY, { code: hidden.code }));
    const own = await fastest(() => api.post(hidden.token, '{ me { records { __typename } } }'));
    const input = { requestId: 'even-time-1', input: { code: hidden.code, reason: 'OFFICE' } };
    const forbidden = await fastest(() => api.post(asker.token, mutation('suspendCode'), input));
    expect(Math.min(opened, own, forbidden)).toBeLessThan(STEP_MS);
    expect(forbidden).toBeLessThan(STEP_MS);
  });
});
