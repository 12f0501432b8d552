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
import { isLabel, residentStream, type StreamName, toLabel } from '../../kernel/id.ts';
import { documentNormalForm } from '../../vault/normal-form.ts';
import type { StreamKeys } from '../../vault/port.ts';
import type { Caller } from '../actor.ts';
import type { RegisterResidentInput } from '../api.ts';
import type { App } from '../app.ts';
import { codeClaim, documentClaim, documentInput, type GivenDocument, loginClaim, withIssuer } from '../claim-refs.ts';
import { foldNew } from '../fold-new.ts';
import { codeText } from '../gate/code-text.ts';
import type { GateApp } from '../gate/gate-app.ts';
import { parseInput } from '../input.ts';
import type { Outcome } from '../outcome.ts';
import { transact } from '../transact.ts';
import { newCode } from './resident-stream.ts';

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

/** Claims a person's documents and sign-in for one label: that of the person known by them, or a new one. Undefined: two persons', and nothing taken. */
export async function claimResident(
  app: App,
  documents: readonly GivenDocument[],
  login?: { readonly issuer: string; readonly subject: string },
): Promise<StreamName | undefined> {
  const claims = [
    ...documents.map(documentClaim),
    ...(login === undefined ? [] : [loginClaim(login.issuer, login.subject)]),
  ];
  const taken = await app.claims.take(claims, toLabel(app.entropy.bytes(32)));
  if (taken === 'conflict' || !isLabel(taken.subject)) return undefined;
  return residentStream(taken.subject);
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
  return transact(app, {
    caller,
    operation: 'registerResident',
    requestId,
    input: input as never,
    attempt: async (attempt) => {
      const stream = await claimResident(app, documents, login);
      if (stream === undefined) return 'document-conflict';
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
      const then = foldNew(RESIDENT_FOLDS, states, registered.events);
      const issued = codeDecider.decide({ type: 'issue', codeRef: keys.codeRef(fresh), code: fresh }, then);
      if (issued.kind === 'refuse') return issued.code;
      return {
        stream,
        decision: accept<AnyNewEvent>(...registered.events, ...issued.events),
        // If the process stops after this claim, the code leads to a resident who has another one, or none: nobody was told it.
        before: async () => {
          if (issued.events.length > 0) await app.claims.take([codeClaim(fresh)], stream.slice('resident/'.length));
        },
        answer: async () => {
          if (issued.events.length > 0) return { code: fresh };
          return { code: await codeText(app, stream, (then.code.live as NonNullable<CodeState['live']>).codeRef) };
        },
      };
    },
    replay: async (_events, [first]) => {
      const stream = (first as { stream: StreamName }).stream;
      const { state } = await app.states.load(stream, { code: codeFold });
      const codeRef = state.code.live?.codeRef ?? state.code.closed.at(-1);
      if (codeRef === undefined) throw new Error('a registered resident without a code');
      return { code: await codeText(app, stream, codeRef) };
    },
  });
}
