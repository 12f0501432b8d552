import { toBase64Url } from '../kernel/base64.ts';
import { lp, utf8 } from '../kernel/bytes.ts';
import type { Suite } from '../kernel/suite.ts';
import { WrongKeyring } from './faults.ts';
import { type Keyring, keyNamed } from './keyring.ts';

/** What `ledger.opened` says of one key: tells the right key from another and nothing else, so it may be published. */
export interface CheckValue {
  readonly name: string;
  readonly value: string;
}

const CHECK_TAG = utf8('hrl/check/v1\n');

/** Keys that stay for the ledger's life; every keyring of this ledger has them. */
const FOR_LIFE = ['actor', 'request'] as const;
/** Keys with which a ledger begins; once their epoch has ended a keyring no longer has them. */
const FROM_THE_START = ['index/1', 'kek/1', 'retention/1'] as const;

/** HMAC(key, "hrl/check/v1\n" ‖ lp(name)), base64url. */
export function checkValue(suite: Suite, key: Uint8Array, name: string): string {
  return toBase64Url(suite.hmac(key, CHECK_TAG, lp(name)));
}

/** The check values of the keys with which a ledger begins, for `ledger.opened`. */
export function checkValues(suite: Suite, keyring: Keyring): readonly CheckValue[] {
  return [...FOR_LIFE, ...FROM_THE_START].sort().map((name) => {
    const key = keyNamed(keyring, name);
    if (key === undefined) throw new WrongKeyring(`it has no key ${name}, with which a new ledger begins`);
    return { name, value: checkValue(suite, key, name) };
  });
}

/**
 * Compares the keyring with what the ledger says of it, before anything is opened or written.
 * A named key that the keyring still has must fit, and those for life must be named. Throws `wrong-keyring`.
 */
export function verifyCheckValues(suite: Suite, keyring: Keyring, checks: readonly CheckValue[]): void {
  const named = new Map(checks.map((check) => [check.name, check.value]));
  for (const name of FOR_LIFE) {
    if (!named.has(name)) throw new WrongKeyring(`the ledger says nothing of the key ${name}`);
  }
  for (const [name, value] of named) {
    if (![...FOR_LIFE, ...FROM_THE_START].some((known) => known === name)) {
      throw new WrongKeyring('the ledger names a key that this version does not know');
    }
    const key = keyNamed(keyring, name);
    if (key !== undefined && checkValue(suite, key, name) !== value)
      throw new WrongKeyring(`its key ${name} is another one`);
  }
}
