import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from './bytes.ts';
import {
  declareEvent,
  decodePersonal,
  decodeRetained,
  encodePersonal,
  encodeRetained,
  MAX_COMPARTMENT_BYTES,
} from './event.ts';
import { Malformed } from './fault.ts';
import * as f from './field.ts';

const declared = declareEvent({
  type: 'sample.made@1',
  retention: 'life',
  retained: { count: f.integer(0, 9) },
  personal: { name: f.text(20), notes: f.optional(f.list(f.text(70_000), 4)) },
});

const common = {
  by: { kind: 'practitioner', id: 'AQEBAQEBAQEBAQEBAQEBAQ', organisation: 'AgICAgICAgICAgICAgICAg' },
  decided: '2026-11-22T03:04:05.678Z',
  notAfter: '2026-11-22T03:04:10.678Z',
  seen: [{ stream: 'ledger/110000', revision: 0, kinds: ['ledger.policy-'] }],
};

describe('an event type', () => {
  it('is <aggregate>.<past participle>@<version>', () => {
    for (const type of [
      'made',
      'sample.made',
      'sample.made@0',
      'sample.made@01',
      'Sample.made@1',
      'sample.made_up@1',
      'a.b.c@1',
    ]) {
      expect(() => declareEvent({ type, retention: 'life', retained: {}, personal: {} })).toThrow();
    }
  });

  it('may not declare a field that every event has', () => {
    const retained = { seen: f.text(1) };
    expect(() => declareEvent({ type: 'a.b@1', retention: 'life', retained, personal: {} })).toThrow('common');
    const personal = { intent: f.text(1) };
    expect(() => declareEvent({ type: 'a.b@1', retention: 'life', retained: {}, personal })).toThrow('common');
  });
});

describe('the parts of an event', () => {
  it('are written and read back', () => {
    const retained = { ...common, count: 3, trace: 'request-1' };
    expect(decodeRetained(declared, encodeRetained(declared, retained))).toEqual(retained);
    const personal = { name: '欧阳娜', intent: 'A'.repeat(43) };
    expect(decodePersonal(declared, encodePersonal(declared, personal))).toEqual(personal);
  });

  it('have one spelling: an absent field leaves no byte, key order none either', () => {
    const { by, seen, ...rest } = common;
    const bytes = encodeRetained(declared, { ...common, count: 3 });
    expect(encodeRetained(declared, { count: 3, trace: undefined, seen, ...rest, by })).toEqual(bytes);
    expect(fromUtf8(bytes)).not.toContain('trace');
    expect(() => decodeRetained(declared, utf8(fromUtf8(bytes).replace('"count":3', '"count": 3')))).toThrow(Malformed);
  });

  it('hold the declared fields only, and all of them', () => {
    expect(() => encodeRetained(declared, { ...common, count: 3, name: '欧阳娜' })).toThrow(Malformed);
    expect(() => encodePersonal(declared, { name: '欧阳娜', count: 3 })).toThrow(Malformed);
    expect(() => encodeRetained(declared, common)).toThrow(new Malformed('sample.made@1 retained.count', 'is missing'));
    expect(() => encodeRetained(declared, { count: 3 })).toThrow(Malformed);
    expect(() => decodePersonal(declared, utf8('{"name":"a","other":"b"}'))).toThrow(Malformed);
  });

  it('never grow beyond 256 KiB', () => {
    const note = 'x'.repeat(60_000);
    expect(encodePersonal(declared, { name: 'a', notes: [note, note, note, note] }).length).toBeLessThanOrEqual(
      MAX_COMPARTMENT_BYTES,
    );
    const long = 'x'.repeat(70_000);
    expect(() => encodePersonal(declared, { name: 'a', notes: [long, long, long, long] })).toThrow(
      'larger than 256 KiB',
    );
  });

  it('say who did it by label or id, never by name', () => {
    for (const id of ['欧阳娜', 'doctor-7', '', 'A'.repeat(23), 'A'.repeat(42)]) {
      expect(() => encodeRetained(declared, { ...common, by: { kind: 'practitioner', id }, count: 3 })).toThrow(
        Malformed,
      );
    }
    expect(() => encodeRetained(declared, { ...common, by: { ...common.by, name: 'a' }, count: 3 })).toThrow(Malformed);
  });
});
