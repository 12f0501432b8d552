import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Probe } from '../../src/kernel/probe.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { telemetryProbe } from '../../src/telemetry/probe.ts';
import { openTraces, type Traces } from '../../src/telemetry/traces.ts';
import { type ApiUnderTest, openApi } from '../support/api.ts';
import { type Cast, castOf, type Doctor, RECORDS, type Resident } from '../support/cast.ts';

const exporter = new InMemorySpanExporter();
let traces: Traces;
let api: ApiUnderTest;
let cast: Cast;
let doctor: Doctor;
let resident: Resident;
const PLANTED = {
  name: '欧阳种植',
  phone: '13900000042',
  document: 'P4242424242',
  title: 'Planted finding',
  content: 'planted content',
  hospital: 'Planted hospital',
};
beforeAll(async () => {
  traces = openTraces({ processor: new SimpleSpanProcessor(exporter), ratio: 1 });
  api = await openApi({ probe: telemetryProbe(createMetrics(), traces) });
  cast = await castOf(api);
  doctor = await cast.doctor(await cast.hospital(PLANTED.hospital));
  const input = {
    region: '110105',
    name: PLANTED.name,
    phone: PLANTED.phone,
    documents: [{ type: '03', number: PLANTED.document }],
  };
  const { healthCode } = await cast.done(cast.office, 'registerResident', input);
  const document = { type: '03', number: PLANTED.document };
  const token = await api.mint({ role: 'resident', subject: 'planted-subject', document });
  await api.post(token, '{ me { __typename } }');
  resident = { code: healthCode as string, name: PLANTED.name, document, subject: 'planted-subject', token };
  await cast.record(doctor, resident, { title: PLANTED.title, content: JSON.stringify({ said: PLANTED.content }) });
  await cast.grant(resident, doctor.hospital);
});
afterAll(async () => {
  await api.close();
  await traces.close();
});
beforeEach(() => exporter.reset());

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

/** Spans end after the answer is out, when the connection is done with it. */
async function spansOf(work: () => Promise<unknown>): Promise<readonly ReadableSpan[]> {
  exporter.reset();
  await work();
  await expect.poll(() => exporter.getFinishedSpans().some(({ name }) => name === 'POST /graphql')).toBe(true);
  return exporter.getFinishedSpans();
}
const idOf = (span: ReadableSpan): string => span.spanContext().spanId;
const parentOf = (span: ReadableSpan): string | undefined => span.parentSpanContext?.spanId;
const childrenOf = (spans: readonly ReadableSpan[], span: ReadableSpan): ReadableSpan[] =>
  spans.filter((one) => parentOf(one) === idOf(span));
const names = (spans: readonly ReadableSpan[]): string[] => spans.map(({ name }) => name);
function named(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const [found, second] = spans.filter((span) => span.name === name);
  if (found === undefined || second !== undefined) throw new Error(`not one span ${name}: ${names(spans)}`);
  return found;
}

describe('the trace of a gated read', () => {
  it('goes on from the caller, through operation and gate, to the group that committed it', async () => {
    const spans = await spansOf(async () => {
      const headers = { traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: 'planted=state' };
      const { data } = await api.post(doctor.token, RECORDS, { code: resident.code }, headers);
      expect(data?.records).toMatchObject({ totalCount: 1 });
    });
    const request = named(spans, 'POST /graphql');
    expect([request.spanContext().traceId, parentOf(request)]).toEqual([TRACE, CALLER]);
    expect(request.attributes).toEqual({
      'http.request.method': 'POST',
      'url.path': '/graphql',
      'http.response.status_code': 200,
    });
    const [operation, ...others] = childrenOf(spans, request);
    expect([operation?.name, others]).toEqual(['openRecords', []]);
    const phases = childrenOf(spans, operation as ReadableSpan);
    expect(names(phases)).toEqual(['decide', 'plan', 'append', 'open']);
    const append = named(phases, 'append');

    const group = named(spans, 'ledger group');
    expect(parentOf(group)).toBeUndefined();
    expect(group.spanContext().traceId).not.toBe(TRACE);
    expect(group.links.map(({ context }) => context.spanId)).toEqual([idOf(append)]);
    expect(append.links.map(({ context }) => context.spanId)).toEqual([idOf(group)]);
    expect(group.attributes).toMatchObject({
      'hrl.engine': 'postgres',
      'hrl.appends': 1,
      'hrl.recorded': 1,
      'hrl.events': 1,
    });
    // The group lies within the append that it is the writing of.
    const at = ({ startTime, endTime }: ReadableSpan): number[] =>
      [startTime, endTime].map(([seconds, nanos]) => seconds * 1e3 + nanos / 1e6);
    const [[began = 0, ended = 0], [from = 0, until = 0]] = [at(append), at(group)];
    expect(from).toBeGreaterThanOrEqual(began - 5);
    expect(until).toBeLessThanOrEqual(ended + 5);
    expect(spans.length).toBe(7);
  });

  it('has one operation for each occurrence of a field, each with its own phases', async () => {
    const twice = `query ($code: String!) { a: verifyCode(code: $code) { __typename } b: verifyCode(code: $code) { __typename } }`;
    const spans = await spansOf(() => api.post(doctor.token, twice, { code: resident.code }));
    const operations = childrenOf(spans, named(spans, 'POST /graphql'));
    expect(names(operations)).toEqual(['verifyCode', 'verifyCode']);
    for (const operation of operations) {
      expect(names(childrenOf(spans, operation))).toEqual(['decide', 'plan', 'append', 'open']);
    }
  });

  it('begins anew when the header is no traceparent, and is not there when the caller does not trace', async () => {
    const read = (traceparent: string) => api.post(doctor.token, RECORDS, { code: resident.code }, { traceparent });
    const request = named(await spansOf(() => read(`00-${'0'.repeat(32)}-${CALLER}-01`)), 'POST /graphql');
    expect(parentOf(request)).toBeUndefined();
    expect(request.spanContext().traceId).not.toBe(TRACE);
    exporter.reset();
    await read(`00-${TRACE}-${CALLER}-00`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(names(exporter.getFinishedSpans())).toEqual([]);
  });
});

describe('the trace of a command', () => {
  it('shows decision, claims and append, linked with its group', async () => {
    const spans = await spansOf(() => cast.resident('Somebody'));
    const operation = named(spans, 'registerResident');
    expect(names(childrenOf(spans, operation))).toEqual(['decide', 'claim', 'append']);
    const append = named(childrenOf(spans, operation), 'append');
    const group = spans.find(({ links }) => links.some(({ context }) => context.spanId === idOf(append)));
    expect(group?.name).toBe('ledger group');
  });
});

describe('a fault', () => {
  it('stands in its spans as a code alone', async () => {
    const spans = await spansOf(() => api.post(doctor.token, RECORDS, { code: 'x'.repeat(500) }));
    expect(named(spans, 'openRecords').attributes).toEqual({ 'error.type': 'BAD_INPUT' });
    const refused = await spansOf(() => api.post('planted-token', RECORDS, { code: 'x' }));
    expect(names(refused)).toEqual(['POST /graphql']);
    expect(refused[0]?.attributes['http.response.status_code']).toBe(401);
  });
});

describe('spans', () => {
  it('hold nothing of anybody: no name, number, code, token, id or request id, whatever goes wrong', async () => {
    const requestId = 'planted-request-42';
    const headers = { 'x-request-id': requestId, traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: 'planted=state' };
    const asked = [
      () => api.post(doctor.token, RECORDS, { code: resident.code }, headers),
      () => api.post(doctor.token, RECORDS, { code: 'planted-code' }, headers),
      () => api.post(resident.token, '{ me { profile { ... on Profile { name phone } } } }', {}, headers),
      () => api.post(resident.token, '{ planted(name: "欧阳种植") }', {}, headers),
      () => api.post(`${doctor.token.slice(0, -4)}AAAA`, RECORDS, { code: resident.code }, headers),
      () => cast.tell(cast.office, 'registerResident', { region: '1', name: PLANTED.name, documents: [] }),
    ];
    const spans: ReadableSpan[] = [];
    for (const work of asked) spans.push(...(await spansOf(work)));
    expect(spans.length).toBeGreaterThan(20);
    const text = JSON.stringify(
      spans.map((span) => ({
        name: span.name,
        attributes: span.attributes,
        events: span.events,
        status: span.status,
        links: span.links.map(({ attributes }) => attributes),
        state: span.spanContext().traceState?.serialize(),
        resource: span.resource.attributes,
        scope: span.instrumentationScope,
      })),
    );
    const ids = [doctor.id, doctor.hospital.id, resident.code, resident.subject, requestId];
    const planted = [...Object.values(PLANTED), ...ids, doctor.key.number, 'planted', doctor.token.slice(0, 20)];
    expect(planted.filter((one) => text.includes(one))).toEqual([]);
    expect(text).toContain('openRecords');
  });
});

describe('without a collector', () => {
  it('a probe of metrics alone hands no span down', async () => {
    const probe: Probe = telemetryProbe(createMetrics(), undefined);
    const said = { method: 'POST', path: '/graphql' };
    expect(probe.requestBegan(said, `00-${TRACE}-${CALLER}-01`)).toBeUndefined();
    expect(await probe.operation('openRecords', undefined, async (span) => span)).toBeUndefined();
  });
});
