import { type Bytes, equalBytes } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import type { Id16, StreamName } from '../kernel/id.ts';
import { unsealContent } from './content.ts';
import { KeyMissing } from './faults.ts';
import { type Internals, internalsOf } from './internals.ts';
import { contentKeyId, personalKeyId } from './key-id.ts';
import type { Vault } from './port.ts';
import { reach } from './reach.ts';
import { unwrapKey, wrapEpoch } from './wrap.ts';

/**
 * Opens a record's content: exactly the bytes whose SHA-256 (32 bytes) the event's personal part names. Importing this file is the
 * right to do so, as with `open-personal.ts`. 'erased' when the subject's key has been destroyed; `undefined` when the stream has no such content.
 * Throws `Malformed` when tag, length or hash does not fit, `key-missing`, `wrong-keyring`.
 */
export async function openContent(
  vault: Vault,
  stream: StreamName,
  id: Id16,
  sha256: Uint8Array,
): Promise<Bytes | 'erased' | undefined> {
  const internals = internalsOf(vault);
  const [row] = await reach(
    () => internals.sql<{ wrapped_key: Buffer; sealed: Buffer }[]>`
      select wrapped_key, sealed from vault.contents where id = ${id} and stream = ${stream}`,
  );
  if (row === undefined) return undefined;
  const number = wrapEpoch(row.wrapped_key);
  if (number === undefined) throw new Malformed('content', 'not under a wrapped key');
  const personal = await personalKey(internals, stream, number);
  if (personal === 'destroyed') return 'erased';
  const key = unwrapKey(internals.suite, personal, contentKeyId(stream, id), row.wrapped_key);
  if (key === undefined) throw new Malformed('content', 'its wrapped key does not open');
  const bytes = unsealContent(internals.suite, key, { stream, id }, row.sealed);
  if (!equalBytes(internals.suite.hash(bytes), sha256)) {
    throw new Malformed('content', 'its hash is not the one that the event commits to');
  }
  return bytes;
}

async function personalKey(internals: Internals, stream: StreamName, number: number) {
  for (const fresh of [false, true]) {
    if (fresh) internals.streams.forget(stream);
    const key = (await internals.streams.load([stream])).get(stream)?.personal.get(number);
    if (key !== undefined) return key;
  }
  throw new KeyMissing(personalKeyId(stream, number));
}
