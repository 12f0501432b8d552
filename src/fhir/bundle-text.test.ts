import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concat, utf8 } from '../kernel/bytes.ts';
import { BundleFault, type BundleFaultCode } from './bundle-fault.ts';
import { decodeBundle, MAX_BUNDLE_DEPTH, readBundleFile, unpackBundle } from './bundle-text.ts';

const SECRET = 'Li Planted 110105';

async function faultOf(work: () => unknown): Promise<BundleFault> {
  try {
    await work();
  } catch (fault) {
    if (fault instanceof BundleFault) return fault;
    throw fault;
  }
  throw new Error('nothing was thrown');
}

async function expectFault(code: BundleFaultCode, work: () => unknown): Promise<BundleFault> {
  const fault = await faultOf(work);
  expect(fault.code).toBe(code);
  expect(fault.message).not.toContain(SECRET);
  return fault;
}

describe('reading a bundle file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hrl-bundle-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const file = async (name: string, bytes: Uint8Array): Promise<string> => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };

  it('gives the same for plain and packed bytes, whatever the file is called', async () => {
    const bytes = utf8('{"é":"健康"}');
    for (const [name, stored] of [
      ['plain.json', bytes],
      ['packed.json.gz', gzipSync(bytes)],
      ['renamed.txt', gzipSync(bytes)],
    ] as const) {
      const read = await readBundleFile(await file(name, stored));
      expect({ ...read, bytes: [...read.bytes] }).toEqual({ file: name, bytes: [...bytes], text: '{"é":"健康"}' });
    }
  });

  it('drops a byte order mark, so that offsets are those of the text', () => {
    const read = decodeBundle('b.json', concat(new Uint8Array([0xef, 0xbb, 0xbf]), utf8('{}')));
    expect([read.text, [...read.bytes]]).toEqual(['{}', [...utf8('{}')]]);
  });

  it('names a file that is missing or no file', async () => {
    const missing = await expectFault('bundle-unreadable', () => readBundleFile(join(folder, 'none.json')));
    expect(missing.message).toContain('none.json');
    expect(missing.message).not.toContain(folder);
    await expectFault('bundle-unreadable', () => readBundleFile(folder));
  });

  it('stops unpacking at the limit', async () => {
    const bomb = gzipSync(new Uint8Array(5000));
    await expectFault('bundle-too-large', () => unpackBundle('b.gz', bomb, 4999));
    await expectFault('bundle-too-large', () => unpackBundle('b.json', new Uint8Array(5000).fill(0x20), 4999));
    expect((await unpackBundle('b.gz', bomb, 5000)).bytes.length).toBe(5000);
  });

  it('names a file whose packing is broken', async () => {
    const packed = gzipSync(utf8(JSON.stringify(SECRET.repeat(50))));
    await expectFault('bundle-not-gzip', () => unpackBundle('b.gz', packed.subarray(0, packed.length - 9)));
  });

  it('refuses bytes that are not UTF-8 instead of replacing them', async () => {
    for (const wrong of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe5, 0x81]]) {
      const bytes = concat(utf8(`"${SECRET}`), new Uint8Array(wrong), utf8('"'));
      await expectFault('bundle-not-utf8', () => decodeBundle('b.json', bytes));
    }
  });

  it('refuses nesting beyond the limit, naming the line, before anything recurses', async () => {
    const nested = (depth: number) => utf8(`\n\n${'['.repeat(depth)}"${SECRET}\\"[[[["${']'.repeat(depth)}`);
    const fault = await expectFault('bundle-too-deep', () => decodeBundle('b.json', nested(MAX_BUNDLE_DEPTH + 1)));
    expect(fault.place).toEqual({ line: 3 });
    expect(decodeBundle('b.json', nested(MAX_BUNDLE_DEPTH)).text).toContain('[');
    await expectFault('bundle-too-deep', () => decodeBundle('b.json', utf8('{"a":'.repeat(100_000))));
  });
});
