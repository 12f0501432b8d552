import { fromUtf8 } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import type { Suite } from '../kernel/suite.ts';
import { type KeyKind, parseVerifierKey, type VerifierKey } from './verifier-key.ts';

/** C2SP tlog-policy (docs/spec/policy.md): whom a verifier believes. Names are of this file only; every text but a key's is octets, one a letter. */
export interface Policy {
  readonly logs: readonly { readonly key: VerifierKey; readonly url: string | undefined }[];
  readonly witnesses: readonly { readonly name: string; readonly key: VerifierKey; readonly url: string | undefined }[];
  /** Undefined asks for no witness (`quorum none`). */
  readonly quorum: Quorum | undefined;
}

/** A witness, or so many of some quorums. */
export type Quorum = { readonly witness: string } | { readonly atLeast: number; readonly of: readonly Quorum[] };

/** Beyond what anybody has written: bounds on what a stranger's file makes us do. */
const MAX_BYTES = 256 * 1024;
const MAX_OF_A_KIND = 256;

/** Behind the keyword. */
const MOST_WORDS: ReadonlyMap<string, number> = new Map([
  ['log', 2],
  ['witness', 3],
  ['quorum', 1],
]);

const OCTETS = /^[\t\n -~\u0080-\u00ff]*$/;
const NONE = 'none';

interface Draft {
  readonly logs: Policy['logs'][number][];
  readonly witnesses: Policy['witnesses'][number][];
  readonly defined: Map<string, Quorum>;
  /** Names that are a member already: each counts in one way only. */
  readonly members: Set<string>;
  quorum: { readonly is: Quorum | undefined } | undefined;
}

function key(suite: Suite, kind: KeyKind, octets: string | undefined): VerifierKey {
  let text: string;
  try {
    text = fromUtf8(Uint8Array.from(octets ?? '', (letter) => letter.charCodeAt(0)));
  } catch {
    throw new Malformed('verifier key', 'not UTF-8');
  }
  const parsed = parseVerifierKey(suite, text);
  if (parsed.kind !== kind) throw new Malformed('verifier key', 'of a type that signs other things');
  return parsed;
}

function define(draft: Draft, name: string | undefined, quorum: Quorum): void {
  if (name === undefined || name === NONE) throw new Malformed('name', 'is missing, or `none`');
  if (draft.defined.has(name)) throw new Malformed('name', 'is defined twice');
  draft.defined.set(name, quorum);
}

function lookUp(draft: Draft, name: string | undefined): Quorum {
  const quorum = draft.defined.get(name ?? '');
  if (quorum === undefined) throw new Malformed('name', 'is not defined above');
  return quorum;
}

function unlike(known: readonly { readonly key: VerifierKey }[], added: VerifierKey): void {
  if (known.length === MAX_OF_A_KIND) throw new Malformed('policy', `more than ${MAX_OF_A_KIND} of a kind`);
  const same = ({ key: { publicKey } }: { readonly key: VerifierKey }): boolean =>
    publicKey.every((byte, i) => byte === added.publicKey[i]);
  if (known.some(same)) throw new Malformed('verifier key', 'stands twice');
}

function threshold(text: string | undefined, members: number): number {
  const atLeast =
    text === 'any' ? 1 : text === 'all' ? members : /^[1-9][0-9]{0,3}$/.test(text ?? '') ? Number(text) : 0;
  if (atLeast < 1 || atLeast > members) throw new Malformed('group', 'not `all`, `any` or 1 to the number of members');
  return atLeast;
}

function group(draft: Draft, [name, count, ...members]: readonly string[]): void {
  const atLeast = threshold(count, members.length);
  const of = members.map((member) => {
    const quorum = lookUp(draft, member);
    if (draft.members.has(member)) throw new Malformed('group', 'has a member of it or another group');
    draft.members.add(member);
    return quorum;
  });
  define(draft, name, { atLeast, of });
}

function readLine(suite: Suite, draft: Draft, [keyword, ...words]: readonly string[]): void {
  const most = MOST_WORDS.get(keyword ?? '');
  if (most !== undefined && words.length > most) throw new Malformed('line', 'has more words than it can');
  switch (keyword) {
    case 'log': {
      const log = { key: key(suite, 'note', words[0]), url: words[1] };
      unlike(draft.logs, log.key);
      draft.logs.push(log);
      return;
    }
    case 'witness': {
      const [name = '', vkey, url] = words;
      const witness = { name, key: key(suite, 'cosignature', vkey), url };
      unlike(draft.witnesses, witness.key);
      define(draft, name, { witness: name });
      draft.witnesses.push(witness);
      return;
    }
    case 'group':
      if (draft.defined.size === 2 * MAX_OF_A_KIND)
        throw new Malformed('policy', `more than ${MAX_OF_A_KIND} of a kind`);
      group(draft, words);
      return;
    case 'quorum':
      if (draft.quorum !== undefined) throw new Malformed('quorum', 'stands twice');
      draft.quorum = { is: words[0] === NONE ? undefined : lookUp(draft, words[0]) };
      return;
    default:
      throw new Malformed('line', 'neither log, witness, group nor quorum');
  }
}

/** Reads a policy file. A verifier's whole trust comes from it, so whatever is not understood refuses the file, naming the line. */
export function parsePolicy(suite: Suite, bytes: Uint8Array): Policy {
  if (bytes.length > MAX_BYTES) throw new Malformed('policy', 'too long');
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  if (!OCTETS.test(text)) throw new Malformed('policy', 'holds control characters');
  if (!text.endsWith('\n')) throw new Malformed('policy', 'does not end with a newline');
  const draft: Draft = { logs: [], witnesses: [], defined: new Map(), members: new Set(), quorum: undefined };
  for (const [i, line] of text.slice(0, -1).split('\n').entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words.length === 0 || words[0]?.startsWith('#')) continue;
    try {
      readLine(suite, draft, words);
    } catch (error) {
      if (error instanceof Malformed) throw new Malformed(`policy line ${i + 1}`, error.message);
      throw error;
    }
  }
  if (draft.quorum === undefined) throw new Malformed('policy', 'has no quorum line');
  return { logs: draft.logs, witnesses: draft.witnesses, quorum: draft.quorum.is };
}

/** Whether the witnesses who cosigned, by their names in the policy, are enough. */
export function isQuorum(quorum: Policy['quorum'], cosigned: ReadonlySet<string>): boolean {
  if (quorum === undefined) return true;
  if ('witness' in quorum) return cosigned.has(quorum.witness);
  return quorum.of.filter((member) => isQuorum(member, cosigned)).length >= quorum.atLeast;
}
