import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES } from '../../src/app/roles.ts';
import { REFUSAL_CODES } from '../../src/domain/refusals.ts';
import { FAULTS } from '../../src/graphql/fault.ts';
import { openTelemetry, type Telemetry } from '../../src/telemetry/telemetry.ts';
import { type ApiUnderTest, only, openApi, post } from '../support/api.ts';
import { type Cast, castOf, type Doctor, MY_LOG, RECORDS, type Resident, TRAIL, VERIFY } from '../support/cast.ts';
import { type Family, parseMetrics, totalOf } from '../support/scrape.ts';

let telemetry: Telemetry;
let api: ApiUnderTest;
let cast: Cast;
let doctor: Doctor;
let resident: Resident;
let metricsUrl: string;
beforeAll(async () => {
  telemetry = await openTelemetry({ metrics: { host: '127.0.0.1', port: 0 }, traces: undefined });
  api = await openApi({ probe: telemetry.probe });
  cast = await castOf(api);
  metricsUrl = (await telemetry.serve({ ...api.node.gauges, faults: api.faultCounts })) ?? '';
  doctor = await cast.doctor(await cast.hospital());
  resident = await cast.resident();
  await cast.record(doctor, resident);
  await cast.grant(resident, doctor.hospital);
});
afterAll(async () => {
  await api.close();
  await telemetry.close();
});

async function scrape(): Promise<readonly Family[]> {
  const response = await fetch(metricsUrl);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  return parseMetrics(await response.text());
}

/** How much each of these grew while something was done. Whatever the API answered is counted when its answer is out. */
async function grown(
  counted: readonly (readonly [string, Readonly<Record<string, string>>?])[],
  work: () => Promise<unknown>,
): Promise<number[]> {
  const read = (families: readonly Family[]): number[] =>
    counted.map(([name, labels]) => totalOf(families, name, labels ?? {}));
  const before = read(await scrape());
  await work();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const after = read(await scrape());
  return after.map((value, i) => value - (before[i] ?? 0));
}

const times = async (n: number, work: (i: number) => Promise<unknown>): Promise<void> => {
  for (let i = 0; i < n; i++) await work(i);
};

describe('what is counted equals what was done:', () => {
  it('reads that were permitted, by operation, phase, access event and group', async () => {
    const records = { operation: 'openRecords', outcome: 'answered' };
    const counts = await grown(
      [
        ['hrl_operation_seconds_count', records],
        ['hrl_accesses_total', { outcome: 'permitted' }],
        ['hrl_phase_seconds_count', { phase: 'decide' }],
        ['hrl_phase_seconds_count', { phase: 'plan' }],
        ['hrl_phase_seconds_count', { phase: 'append' }],
        ['hrl_phase_seconds_count', { phase: 'open' }],
        ['hrl_ledger_appends_total', { outcome: 'recorded' }],
        ['hrl_ledger_events_total', { engine: 'postgres' }],
        ['hrl_ledger_group_seconds_count', { outcome: 'committed' }],
        ['hrl_ledger_group_appends_sum'],
        ['hrl_ledger_lock_seconds_count'],
        ['hrl_ledger_commit_seconds_count'],
        ['hrl_http_request_seconds_count', { path: '/graphql', status: '200' }],
      ],
      () => times(5, () => api.post(doctor.token, RECORDS, { code: resident.code })),
    );
    expect(counts).toEqual(counts.map(() => 5));
  });

  it('reads that were denied or missed, refusals by their true reason, and a log that was read', async () => {
    const counts = await grown(
      [
        ['hrl_accesses_total', { outcome: 'denied' }],
        ['hrl_accesses_total', { outcome: 'missed' }],
        ['hrl_accesses_total', { outcome: 'log-read' }],
        ['hrl_refusals_total', { operation: 'openRecords', code: 'not-available' }],
        ['hrl_refusals_total', { operation: 'verifyCode', code: 'not-available' }],
        ['hrl_refusals_total', { operation: 'suspendCode', code: 'no-such-code' }],
        ['hrl_refusals_total', { operation: 'openRecords', code: 'not-permitted' }],
        ['hrl_operation_seconds_count', { operation: 'readTrail', outcome: 'answered' }],
      ],
      async () => {
        const stranger = await cast.resident();
        await times(2, () => api.post(doctor.token, RECORDS, { code: stranger.code }));
        await times(3, (i) => api.post(doctor.token, VERIFY, { code: `nobody-${i}` }));
        await times(4, (i) => cast.tell(cast.office, 'suspendCode', { code: `nobody-${i}`, reason: 'LOST' }));
        await api.post(resident.token, RECORDS, { code: resident.code });
        await api.post(resident.token, MY_LOG);
        await api.post(cast.regulator, TRAIL);
      },
    );
    expect(counts).toEqual([2, 3, 2, 2, 3, 4, 1, 1]);
  });

  it('tokens that were not accepted, by reason, and faults by code', async () => {
    const counts = await grown(
      [
        ['hrl_tokens_refused_total', { reason: 'absent' }],
        ['hrl_tokens_refused_total', { reason: 'malformed' }],
        ['hrl_tokens_refused_total', { reason: 'invalid' }],
        ['hrl_tokens_refused_total', { reason: 'unknown-actor' }],
        ['hrl_faults_total', { code: 'UNAUTHENTICATED' }],
        ['hrl_faults_total', { code: 'BAD_INPUT' }],
        ['hrl_http_request_seconds_count', { path: '/graphql', status: '401' }],
        ['hrl_http_request_seconds_count', { path: 'other', status: '404' }],
      ],
      async () => {
        const nobody = await api.mint({
          role: 'system',
          subject: 'system-1',
          organisation: { system: 'urn:uscc', number: 'unknown' },
        });
        for (const token of [undefined, 'not a token', `${nobody.slice(0, -4)}AAAA`, nobody]) {
          expect((await post(api.url, token, '{ policy { hash } }')).status).toBe(401);
        }
        await post(api.url, cast.office, '{ verifyCode(code: "", nothing: 1) { __typename } }');
        await fetch(api.url.replace('/graphql', '/metrics'));
      },
    );
    // The path that is not served is BAD_INPUT too.
    expect(counts).toEqual([1, 1, 1, 1, 4, 2, 4, 1]);
  });

  it('calls beyond the rate', async () => {
    const before = await scrape();
    const hasty = await openHasty();
    try {
      const token = await hasty.mint({ role: 'regulator', subject: 'regulator-1', organisation: cast.operator });
      await times(5, () => hasty.post(token, '{ policy { hash } }'));
    } finally {
      await hasty.close();
    }
    const after = await scrape();
    const limited = (of: readonly Family[]): number => totalOf(of, 'hrl_rate_limited_total', { operation: 'policy' });
    expect(limited(after) - limited(before)).toBe(2);
  });

  it('events that were projected, keys found in memory, and the clock of the database', async () => {
    const [projected = 0, events = 0, hits = 0] = await grown(
      [
        ['hrl_projector_batch_events_sum'],
        ['hrl_ledger_events_total'],
        ['hrl_key_cache_hits_total', { cache: 'stream' }],
      ],
      async () => {
        await times(3, () => api.post(doctor.token, RECORDS, { code: resident.code }));
        await api.node.app.projected.waitFor((await api.node.app.ledger.end()) as never, 5_000);
      },
    );
    expect([projected, events]).toEqual([3, 3]);
    expect(hits).toBeGreaterThanOrEqual(3);
    const now = await scrape();
    expect(totalOf(now, 'hrl_projector_lag_seconds')).toBe(0);
    expect(totalOf(now, 'hrl_projector_state', { state: 'projecting' })).toBe(1);
    expect(totalOf(now, 'hrl_projector_state')).toBe(1);
    expect(totalOf(now, 'hrl_ledger_queue_appends')).toBe(0);
    expect(totalOf(now, 'hrl_ledger_queue_limit_appends')).toBe(api.node.config.maxQueue);
    expect(totalOf(now, 'hrl_database_up')).toBe(1);
    expect(totalOf(now, 'hrl_clock_steps_total')).toBe(0);
    expect(totalOf(now, 'hrl_data_dir_free_bytes')).toBeGreaterThan(0);
    expect(totalOf(now, 'hrl_data_dir_size_bytes')).toBeGreaterThan(totalOf(now, 'hrl_data_dir_free_bytes'));
  });
});

/** Another API over a node of its own that takes three calls a minute, with the same probe. */
const openHasty = (): Promise<ApiUnderTest> => openApi({ probe: telemetry.probe, ratePerMinute: 3 });

describe('every metric of ours', () => {
  it('has a help text, a type, and a unit at its end', async () => {
    const ours = (await scrape()).filter(({ name }) => name.startsWith('hrl_'));
    expect(ours.length).toBeGreaterThan(30);
    for (const { name, help, type } of ours) {
      expect(help, name).toMatch(/^[A-Z1].{15,}\.$/);
      expect(name, type).toMatch(
        type === 'counter' ? /_total$/ : /_(?:seconds|bytes|appends|events|entries|up|state)$/,
      );
    }
  });

  it('bears no label but of a bounded set, whatever was sent', async () => {
    for (let i = 0; i < 3; i++) {
      const token = `planted-token-${i}`;
      await post(api.url, token, `{ records(code: "planted-${i}", purpose: TREAT) { __typename } }`);
      await post(
        api.url,
        doctor.token,
        `query planted${i} { planted${i}: verifyCode(code: "planted-${i}") { __typename } }`,
      );
      await fetch(api.url.replace('/graphql', `/planted-${i}?planted=${i}`), { method: 'PROPFIND' });
      await post(api.url, doctor.token, `{ planted${i} }`, {}, { 'x-request-id': `planted-request-${i}` });
    }
    const allowed: Readonly<Record<string, readonly string[]>> = {
      operation: Object.keys(ROLES),
      code: [...REFUSAL_CODES, ...Object.keys(FAULTS)],
      path: ['/graphql', '/health/live', '/health/ready', 'other'],
      status: ['200', '400', '401', '404', '405', '415', '429', '503', 'aborted'],
      phase: ['decide', 'claim', 'plan', 'append', 'open'],
      engine: ['postgres'],
      reason: ['absent', 'malformed', 'invalid', 'expired', 'unknown-actor'],
      outcome: [
        ...['answered', 'committed', 'not-written', 'unknown', 'recorded', 'not-recorded', 'done', 'failed'],
        ...['permitted', 'denied', 'missed', 'log-read', 'withheld', 'sent', 'lost', 'used', 'other-fold', 'refused'],
        ...Object.keys(FAULTS),
      ],
      what: ['lease-taken', 'lease-lost', 'retrying', 'stopped'],
      state: ['standby', 'projecting', 'stopped', 'absent'],
      cache: ['stream', 'period'],
      direction: ['forward', 'back'],
    };
    const samples = (await scrape()).filter(({ name }) => name.startsWith('hrl_')).flatMap(({ samples }) => samples);
    const odd = samples.flatMap(({ name, labels }) =>
      Object.entries(labels)
        .filter(([label, value]) => label !== 'le' && allowed[label]?.includes(value) !== true)
        .map(([label, value]) => `${name} ${label}=${value}`),
    );
    expect(odd).toEqual([]);
    expect(samples.length).toBeGreaterThan(100);
  });
});

describe('metrics', () => {
  it('are not on the listener of the API, nor anything else on theirs', async () => {
    expect((await fetch(api.url.replace('/graphql', '/metrics'))).status).toBe(404);
    for (const path of ['/', '/graphql', '/health/ready', '/metrics/x']) {
      expect((await fetch(metricsUrl.replace('/metrics', path))).status, path).toBe(404);
    }
    expect((await fetch(metricsUrl, { method: 'POST', body: 'x' })).status).toBe(404);
    expect(only(await api.post(cast.regulator, '{ policy { __typename } }'))).toEqual({ __typename: 'Policy' });
  });

  it('cost nothing where nobody asks for them: no probe, no listener', async () => {
    const none = await openTelemetry({ metrics: undefined, traces: undefined });
    expect(await none.serve({ ...api.node.gauges, faults: api.faultCounts })).toBeUndefined();
    expect(none.probe.requestBegan({ method: 'POST', path: '/graphql' }, undefined)).toBeUndefined();
    await none.close();
  });

  it('that cannot be served where they are to be stop the start', async () => {
    const { hostname, port } = new URL(metricsUrl);
    const taken = await openTelemetry({ metrics: { host: hostname, port: Number(port) }, traces: undefined });
    await expect(taken.serve({ ...api.node.gauges, faults: api.faultCounts })).rejects.toMatchObject({
      code: 'metrics-cannot-listen',
    });
  });

  it('are whole while the database is away, without what nobody can tell', async () => {
    const away = await openTelemetry({ metrics: { host: '127.0.0.1', port: 0 }, traces: undefined });
    const lost = { state: () => 'standby', lagMs: () => Promise.reject(new Error('away')) };
    const url = await away.serve({ ...api.node.gauges, projector: lost, faults: api.faultCounts });
    away.probe.clockFailed();
    const families = parseMetrics(await (await fetch(url ?? '')).text());
    await away.close();
    expect(families.find(({ name }) => name === 'hrl_projector_lag_seconds')?.samples).toEqual([]);
    expect([totalOf(families, 'hrl_database_up'), totalOf(families, 'hrl_database_failures_total')]).toEqual([0, 1]);
  });
});
