import {
  codeClaim,
  documentClaim,
  type GivenDocument,
  institutionClaim,
  loginClaim,
  practitionerClaim,
} from '../app/claim-refs.ts';
import { parseBase64Url } from '../kernel/base64.ts';
import type { Bytes } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import { type Id16, type StreamName, subjectOf } from '../kernel/id.ts';
import type { RecordedEvent } from '../ledger/port.ts';
import { KeyMissing, WrongKeyring } from '../vault/faults.ts';
import type { ClaimRef } from '../vault/port.ts';
import { type Finding, findingAt, reason } from './finding.ts';
import type { OpenedParts } from './open-parts.ts';

/** What the vault holds beside the ledger and no hash covers: claims, by which people and codes are found, and contents. */
export interface Beside {
  readonly lookUpClaims?: (claims: readonly ClaimRef[]) => Promise<readonly (string | undefined)[]>;
  /** The bytes whose SHA-256 is given. `undefined`: there are none. Throws `Malformed` when what is there is something else. */
  readonly openContent?: (stream: StreamName, id: Id16, sha256: Bytes) => Promise<Bytes | 'erased' | undefined>;
}

interface Identifiers {
  readonly identifiers: readonly { readonly system: string; readonly number: string }[];
}

/** The claims that were taken before the event was appended, all for the subject of its stream. */
export function claimsOf(event: RecordedEvent, { retained, personal }: OpenedParts): readonly ClaimRef[] {
  const said = personal === 'erased' || personal instanceof Error ? {} : personal;
  const kept = retained === 'expired' || retained instanceof Error ? {} : retained;
  switch (event.type) {
    case 'identity.registered@1':
    case 'identity.document-linked@1': {
      const { documents = [], login } = said as {
        readonly documents?: readonly GivenDocument[];
        readonly login?: { readonly issuer: string; readonly subject: string };
      };
      return [
        ...documents.map(documentClaim),
        ...(login === undefined ? [] : [loginClaim(login.issuer, login.subject)]),
      ];
    }
    case 'identity.login-bound@1':
      return 'subject' in said ? [loginClaim(said.issuer as string, said.subject as string)] : [];
    case 'code.issued@1':
      return 'code' in said ? [codeClaim(said.code as string)] : [];
    case 'institution.registered@1':
    case 'institution.changed@1':
      return ((kept as Partial<Identifiers>).identifiers ?? []).map(institutionClaim);
    case 'practitioner.registered@1':
    case 'practitioner.changed@1':
      return ((kept as Partial<Identifiers>).identifiers ?? []).map(practitionerClaim);
    default:
      return [];
  }
}

interface ContentNamed {
  readonly id: Id16;
  readonly hash: string;
  readonly size: number;
}

function contentOf(event: RecordedEvent, { personal }: OpenedParts): ContentNamed | undefined {
  if (event.type !== 'record.registered@1' && event.type !== 'record.replaced@1') return undefined;
  return personal === 'erased' || personal instanceof Error ? undefined : (personal.content as ContentNamed);
}

/** Contents are opened so many at once: each is a round trip. */
const PARALLEL = 8;

/** What is wrong beside each event of a page, in order; claims in one round trip. */
export async function checkBeside(
  beside: Beside,
  events: readonly RecordedEvent[],
  opened: readonly OpenedParts[],
): Promise<readonly (Finding | undefined)[]> {
  const parts = (i: number): OpenedParts => opened[i] as OpenedParts;
  const found: (Finding | undefined)[] = await claimFindings(beside, events, parts);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < events.length; i = next++) {
      const event = events[i] as RecordedEvent;
      const content = contentOf(event, parts(i));
      if (content !== undefined) found[i] ??= await contentFinding(beside, event, content);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return found;
}

async function claimFindings(
  { lookUpClaims }: Beside,
  events: readonly RecordedEvent[],
  parts: (i: number) => OpenedParts,
): Promise<(Finding | undefined)[]> {
  if (lookUpClaims === undefined) return events.map(() => undefined);
  const wanted = events.map((event, i) => claimsOf(event, parts(i)));
  const held = await holdersOf(lookUpClaims, wanted);
  return events.map((event, i) => {
    const holders = held[i] ?? [];
    if (holders instanceof Malformed) return findingAt(event, 'claim-differs', reason(holders));
    const wrong = holders.findIndex((holder) => holder !== subjectOf(event.stream));
    if (wrong < 0) return undefined;
    const how = holders[wrong] === undefined ? 'is not there' : "is another subject's";
    return findingAt(event, 'claim-differs', `claim ${wrong + 1} of ${holders.length} ${how}`);
  });
}

type Holders = readonly (string | undefined)[];

/** Who holds the claims of each event: in one round trip, or one by one where a value is none that could be claimed. */
async function holdersOf(
  lookUp: NonNullable<Beside['lookUpClaims']>,
  wanted: readonly (readonly ClaimRef[])[],
): Promise<readonly (Holders | Malformed)[]> {
  try {
    const held = await lookUp(wanted.flat());
    let at = 0;
    return wanted.map((refs) => refs.map(() => held[at++]));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    if (wanted.length === 1) return [error];
  }
  const each: (Holders | Malformed)[] = [];
  for (const refs of wanted) each.push(...(await holdersOf(lookUp, [refs])));
  return each;
}

async function contentFinding(
  { openContent }: Beside,
  event: RecordedEvent,
  { id, hash, size }: ContentNamed,
): Promise<Finding | undefined> {
  if (openContent === undefined) return undefined;
  try {
    const bytes = await openContent(event.stream, id, parseBase64Url(hash) as Bytes);
    if (bytes === undefined) return findingAt(event, 'content-missing', 'the record has no content');
    if (bytes === 'erased') return findingAt(event, 'content-missing', "the content's key was destroyed");
    return bytes.length === size ? undefined : findingAt(event, 'content-unreadable', 'its size is another');
  } catch (error) {
    if (!(error instanceof Malformed || error instanceof KeyMissing || error instanceof WrongKeyring)) throw error;
    return findingAt(event, 'content-unreadable', reason(error));
  }
}
