import { describe, expect, it } from 'vitest';
import { utf8 } from '../kernel/bytes.ts';
import { bodyReader, MAX_BODY_BYTES } from './body.ts';
import type { ApiFault } from './fault.ts';

const BODY = utf8('{"query":"{ a }"}');

async function* chunks(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

const faultOf = async (work: Promise<unknown>): Promise<ApiFault | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => error as ApiFault,
  );

describe('a body', () => {
  it('is the same however it is cut into chunks, also inside a letter', async () => {
    const text = utf8('{"query":"{ a } #心电图"}');
    const whole = await bodyReader().read(chunks(text), null);
    for (let at = 0; at <= text.length; at++) {
      expect(await bodyReader().read(chunks(text.slice(0, at), text.slice(at)), null)).toEqual(whole);
    }
  });

  it('that breaks off is BAD_INPUT: no fault of ours', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield BODY.slice(0, 5);
      throw new Error('ECONNRESET');
    };
    expect((await faultOf(bodyReader().read(broken(), null)))?.extensions).toEqual({ code: 'BAD_INPUT', path: 'body' });
  });

  it('is refused by the length it declares, before a byte of it is read', async () => {
    let read = 0;
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      read += 1;
      yield BODY;
    };
    const fault = await faultOf(bodyReader().read(counted(), String(MAX_BODY_BYTES + 1)));
    expect([fault?.code, read]).toEqual(['TOO_LARGE', 0]);
    for (const declared of [String(MAX_BODY_BYTES), 'nonsense', '-1', null]) {
      expect(await faultOf(bodyReader().read(chunks(BODY), declared))).toBeUndefined();
    }
  });

  it('too many at once is BUSY, and room is given back when one is done', async () => {
    const bodies = bodyReader();
    const big = new Uint8Array(MAX_BODY_BYTES);
    const gates: (() => void)[] = [];
    const held = async function* (): AsyncGenerator<Uint8Array> {
      yield big;
      await new Promise<void>((resolve) => gates.push(resolve));
    };
    const reading = Array.from({ length: 8 }, () => faultOf(bodies.read(held(), null)));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const ninth = await faultOf(bodies.read(chunks(BODY), null));
    expect(ninth?.extensions).toEqual({ code: 'BUSY', retryAfterMs: 1000 });
    for (const open of gates) open();
    expect((await Promise.all(reading)).map((fault) => fault?.code)).toEqual(Array(8).fill('BAD_INPUT'));
    expect(await faultOf(bodies.read(chunks(BODY), null))).toBeUndefined();
  });
});
