import type { AnyNewEvent } from '../../domain/catalogue.ts';
import { codeDecider } from '../../domain/code/decider.ts';
import { codeFold } from '../../domain/code/fold.ts';
import type { CodeState } from '../../domain/code/terms.ts';
import { consentFold } from '../../domain/consent/fold.ts';
import { accept } from '../../domain/decider.ts';
import { type IdentityCommand, identityDecider } from '../../domain/identity/decider.ts';
import { identityFold } from '../../domain/identity/fold.ts';
import { region } from '../../domain/terms.ts';
import * as f from '../../kernel/field.ts';
import { isLabel, type Label, residentStream, toLabel } from '../../kernel/id.ts';
import { documentNormalForm } from '../../vault/normal-form.ts';
import type { ClaimRef, StreamKeys } from '../../vault/port.ts';
import type { Caller } from '../actor.ts';
import type { RegisterResidentInput } from '../api.ts';
import type { App } from '../app.ts';
import { documentClaim, documentInput, type GivenDocument, loginClaim, withIssuer } from '../claim-refs.ts';
import { foldNew } from '../fold-new.ts';
import { codeAsOf, codeText } from '../gate/code-text.ts';
import type { GateApp } from '../gate/gate-app.ts';
import { parseInput } from '../input.ts';
import type { Outcome } from '../outcome.ts';
import { transact } from '../transact.ts';
import { claimCode, newCode } from './resident-stream.ts';

const FIELDS = {
  region: region(),
  name: f.text(256),
  sex: f.optional(f.oneOf('male', 'female', 'other', 'unknown')),
  birthDate: f.optional(f.day()),
  phone: f.optional(f.text(64)),
  address: f.optional(f.text(512)),
  documents: f.list(documentInput(), 32, 1),
  login: f.optional(f.object({ issuer: f.text(512), subject: f.text(512) })),
} as const;

export const RESIDENT_FOLDS = { identity: identityFold, code: codeFold, consent: consentFold } as const;

/** Documents as the decider takes them: in their normal form, with their marks under the stream's tag key. */
export function shown(keys: StreamKeys, documents: readonly GivenDocument[]) {
  return documents.map((document) => ({
    ...document,
    number: documentNormalForm(document.type, document.number),
    mark: keys.documentMark(document.type, document.issuer, document.number),
  }));
}

/** A sign-in as the decider takes it. Its mark is that of a document of type `actor`. */
export function shownLogin(keys: StreamKeys, login: { readonly issuer: string; readonly subject: string }) {
  return { ...login, mark: keys.documentMark('actor', login.issuer, login.subject) };
}

/** A person as documents and a sign-in name them. */
interface Claimed {
  readonly documents: readonly GivenDocument[];
  readonly login?: { readonly issuer: string; readonly subject: string } | undefined;
}

const claimsOf = ({ documents, login }: Claimed): ClaimRef[] => [
  ...documents.map(documentClaim),
  ...(login === undefined ? [] : [loginClaim(login.issuer, login.subject)]),
];

/**
 * The label of the person known by one of the documents, or `fresh` when none of them is known; nothing is taken yet. Undefined: they are
 * two persons'. A sign-in alone shows nobody: one that is somebody else's is a conflict too.
 */
export async function labelBehind(app: App, { documents, login }: Claimed, fresh: Label): Promise<Label | undefined> {
  const held = await app.claims.lookup(claimsOf({ documents, login }));
  const holders = new Set(held.slice(0, documents.length).filter((one) => one !== undefined));
  const [holder = fresh] = holders;
  const signsIn = login === undefined ? undefined : held.at(-1);
  if (holders.size > 1 || (signsIn !== undefined && signsIn !== holder)) return undefined;
  return isLabel(holder) ? holder : undefined;
}

/**
 * Takes them all for the label on which the command was decided, once it is accepted: what is refused claims nothing, so no mistyped
 * number ever leads to somebody else. 'again': somebody came first since.
 */
async function claimFor(app: App, claimed: Claimed, label: Label): Promise<'again' | undefined> {
  const taken = await app.claims.take(claimsOf(claimed), label, { onlyProposed: true });
  return taken === 'conflict' ? 'again' : undefined;
}

/**
 * Registers a person and issues the one electronic health code; of a known person, records that they were shown again and returns the
 * code they have. Exactly one `identity.registered` or `identity.presented` is appended; who was known is not told.
 */
export async function registerResident(
  app: GateApp,
  caller: Caller,
  requestId: string,
  raw: RegisterResidentInput,
): Promise<Outcome<{ readonly code: string }>> {
  const input = parseInput(FIELDS, raw);
  const { region: home, documents: given, login, ...person } = input;
  const documents = given.map((document, i) => withIssuer(document, `input.documents[${i}]`));
  const fresh = newCode(app.entropy.bytes(32));
  const newLabel = toLabel(app.entropy.bytes(32));
  return transact(app, {
    caller,
    operation: 'registerResident',
    requestId,
    input: input as never,
    attempt: async (attempt) => {
      const label = await labelBehind(app, { documents, login }, newLabel);
      if (label === undefined) return 'document-conflict';
      const stream = residentStream(label);
      const states = await attempt.load(stream, RESIDENT_FOLDS);
      const keys = await app.vault.keysOf(stream, attempt.now());
      const command: IdentityCommand = {
        type: 'register',
        region: home,
        person,
        documents: shown(keys, documents),
        ...(login === undefined ? {} : { login: shownLogin(keys, login) }),
      };
      const registered = identityDecider.decide(command, states);
      if (registered.kind === 'refuse') return registered.code;
      const then = foldNew(RESIDENT_FOLDS, states, registered.events, attempt.now());
      const issued = codeDecider.decide({ type: 'issue', codeRef: keys.codeRef(fresh), code: fresh }, then);
      if (issued.kind === 'refuse') return issued.code;
      return {
        stream,
        decision: accept<AnyNewEvent>(...registered.events, ...issued.events),
        // If the process stops after these claims, the label's stream is empty, and the next registration goes on with it.
        before: async () => {
          if ((await claimFor(app, { documents, login }, label)) === 'again') return 'again';
          if (issued.events.length > 0) await claimCode(app, fresh, stream);
          return undefined;
        },
        answer: async () => {
          if (issued.events.length > 0) return { code: fresh };
          return { code: await codeText(app, stream, (then.code.live as NonNullable<CodeState['live']>).codeRef) };
        },
      };
    },
    replay: async (_events, recorded) => ({ code: await codeAsOf(app, recorded) }),
  });
}
