import type { Bytes } from '../kernel/bytes.ts';
import type { Canonical } from '../kernel/canonical.ts';
import type { CommonRetained, EventDeclaration } from '../kernel/event.ts';
import type { EventId, Id16, Mark, StreamName } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import type { CommandKey } from '../ledger/event-id.ts';
import type { SealedEvent, SealedPart } from '../ledger/port.ts';

/** One sealed part with all that opening it needs beside the key. `commitment` is the leaf's. */
export interface SealedRef {
  readonly stream: StreamName;
  readonly id: EventId;
  readonly type: string;
  readonly commitment: Bytes;
  readonly part: SealedPart;
}

/** The keys of one stream, at hand: everything on it is synchronous. Held by a caller for one append only. */
export interface StreamKeys {
  readonly stream: StreamName;
  /** Encodes both parts by the declaration (strictly; `Malformed`), draws openings, commits and seals. */
  seal(event: {
    readonly id: EventId;
    readonly type: string;
    readonly declaration: EventDeclaration;
    readonly retained: object;
    readonly personal: object;
  }): SealedEvent;
  /** HMAC(tagKey, "hrl/mark/v1\n" ‖ lp(code)). */
  mark(code: string): Mark;
  /** HMAC(tagKey, "hrl/source/v1\n" ‖ lp(system) ‖ lp(type) ‖ lp(id)). */
  source(system: string, type: string, id: string): Mark;
  /** HMAC(tagKey, "hrl/source-bytes/v1\n" ‖ source ‖ bytes). */
  sourceVersion(source: Mark, bytes: Uint8Array): Mark;
  /** HMAC(tagKey, "hrl/document/v1\n" ‖ lp(type) ‖ lp(issuer) ‖ lp(normal form)). */
  documentMark(type: string, issuer: string, number: string): Mark;
  /** HMAC(tagKey, "hrl/code/v1\n" ‖ lp(code)). */
  codeRef(code: string): Mark;
}

/**
 * Keys, and nothing but keys: seals for everybody, opens retained parts for folds. Opening personal parts and contents is in
 * `open-personal.ts` and `open-content.ts`, which only the gate and the audit may import.
 */
export interface Vault {
  /**
   * Loads or creates the stream's keys and the retained keys of `decided`'s year; what it created is committed and synced when it resolves.
   * Throws `key-destroyed` for an erased subject, `wrong-keyring`, `vault-unavailable`.
   */
  keysOf(stream: StreamName, decided: Instant): Promise<StreamKeys>;
  /** The same for many streams, in their order, in one round trip when all exist. */
  keysOfMany(streams: readonly StreamName[], decided: Instant): Promise<readonly StreamKeys[]>;
  /** One answer a part, in order; 'expired' when the key of its class and year has ended. Throws `Malformed`, `key-missing`, `wrong-keyring`. */
  openRetained(
    parts: readonly SealedRef[],
  ): Promise<readonly ((CommonRetained & Record<string, unknown>) | 'expired')[]>;
  /** The one personal field that a retry needs: the keyed digest of the command's input. 'erased' and 'none' are answers too. */
  openIntent(part: SealedRef): Promise<string>;
  commandId(key: CommandKey, ordinal: number): EventId;
  /** base64url of 32 bytes. */
  intent(first: EventId, input: Canonical): string;
  /** 16 bytes derived from an event id under the request key: the consent, record or content that the command brings. */
  derivedId(event: EventId, what: string): Id16;
  /** A stable pseudonym of (issuer, subject) for officers and systems. */
  actorId(issuer: string, subject: string): Id16;
}

/** A claim: who holds this document, sign-in, code, organisation or practitioner number. */
export interface ClaimRef {
  readonly kind: 'document' | 'actor' | 'code' | 'institution' | 'practitioner';
  /** CV02.01.101 code or `fhir:<system>` for documents, else the kind itself. */
  readonly type: string;
  /** Issuing system; the token's issuer for `actor`. */
  readonly issuer: string;
  /** The number as shown; brought to its normal form inside. */
  readonly value: string;
}

export interface Claims {
  /** The subject (label or id) behind each claim, undefined where nobody holds it. */
  lookup(claims: readonly ClaimRef[]): Promise<readonly (string | undefined)[]>;
  /**
   * Takes all claims for one subject, or none. Nobody holds any: they go to `proposed`. All held ones are one subject's: the rest go to it.
   * Two subjects: 'conflict', nothing taken. Durable when it resolves; right under concurrency of several processes.
   * With `onlyProposed` (linking to a known subject) a claim that anybody else holds is a 'conflict' too.
   * Throws `Malformed` for a value without a normal form, `claims-busy`, `vault-unavailable` (then taken or not; take again).
   */
  take(
    claims: readonly ClaimRef[],
    proposed: string,
    rule?: { readonly onlyProposed: boolean },
  ): Promise<{ readonly subject: string } | 'conflict'>;
}

export interface ContentToStore {
  readonly stream: StreamName;
  /** The event that will name the content; a content whose event never comes is swept. */
  readonly eventId: EventId;
  readonly contentId: Id16;
  /** At most 16 MB. */
  readonly bytes: Uint8Array;
}

export interface Contents {
  /**
   * Encrypts each under a key of its own and stores them, all or none; durable when it resolves. The same id with the same bytes again
   * changes nothing (and holds the sweep off). Throws `content-too-large`, `content-differs` when an earlier attempt stored other
   * bytes under the id, `key-destroyed` for an erased subject, `vault-unavailable`.
   */
  store(contents: readonly ContentToStore[]): Promise<void>;
}

export interface FoldName {
  readonly name: string;
  readonly version: number;
  /** A `Fold` has it: a state of another shape is then another digest, also when somebody forgot the version. */
  readonly initialState?: unknown;
}

export interface Snapshot {
  readonly revision: bigint;
  /** The chain head at that revision. */
  readonly head: Bytes;
  readonly state: unknown;
}

/** Derived states, sealed. A digest of another fold version, or a tag that does not fit, is as if there were none (and counted). */
export interface Snapshots {
  /** One answer a pair, in order, in one round trip. The caller compares `head` with the stream's and folds from 0 when it differs. */
  load(
    wanted: readonly { readonly stream: StreamName; readonly fold: FoldName }[],
  ): Promise<readonly (Snapshot | undefined)[]>;
  /** Never replaces a newer one. `state` is text, integers, lists and objects. Lost without harm when the process stops before it resolves. */
  save(snapshot: Snapshot & { readonly stream: StreamName; readonly fold: FoldName }): Promise<void>;
  /** Forgets one that is of another history, which would keep its revision, and with it later ones out. Nothing happens without one. */
  drop(stream: StreamName, fold: FoldName): Promise<void>;
}

/** Opaque texts given to clients (cursors, node ids), bound to who may use them and for what. */
export interface Tokens {
  seal(kind: string, binding: readonly string[], payload: Canonical): string;
  /** `undefined` for anything that this ledger did not give to exactly this binding. */
  open(kind: string, binding: readonly string[], token: string): Canonical | undefined;
}
