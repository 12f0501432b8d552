import { describe, expect, it } from 'vitest';
import { eventLog } from './event-log.ts';
import { decodeRecords, encodeRecord, type UnplacedRecord } from './record.ts';

const record = (revision: bigint, last: boolean): UnplacedRecord => ({
  stream: 'a/@1',
  revision,
  id: '41ffed4c-7e8f-82e7-bf3f-de04a874ad21',
  type: 'x@1',
  json: false,
  data: Buffer.from([0, 255, Number(revision)]),
  metadata: Buffer.from([254]),
  created: 17n,
  visible: true,
  last,
});

describe("the test server's log", () => {
  it('shows nothing to readers that is not durable, and everything to the writer', () => {
    const log = eventLog([]);
    log.take(record(0n, true));
    expect([log.stream('a/@1'), log.all, log.lastTaken('a/@1')]).toEqual([[], [], 0n]);
    const fresh = log.durable();
    expect([log.stream('a/@1'), log.all]).toEqual([fresh, fresh]);
    log.take(record(1n, true));
    expect([log.stream('a/@1').length, log.all.length, log.lastTaken('a/@1')]).toEqual([1, 1, 1n]);
  });

  it('comes back from its bytes as it was', () => {
    const log = eventLog([]);
    const bytes = Buffer.concat([record(0n, false), record(1n, true)].map((each) => log.take(each).bytes));
    expect(decodeRecords(bytes)).toEqual(log.durable());
  });

  it('comes back without the append that was half written, wherever it broke off', () => {
    const whole = Buffer.concat([record(0n, false), record(1n, true)].map(encodeRecord));
    const second = Buffer.concat([record(2n, false), record(3n, true)].map(encodeRecord));
    for (let cut = 0; cut < second.length; cut += 1) {
      const found = decodeRecords(Buffer.concat([whole, second.subarray(0, cut)]));
      expect(found.map(({ revision }) => revision)).toEqual([0n, 1n]);
    }
    expect(decodeRecords(Buffer.concat([whole, second]))).toHaveLength(4);
  });
});
