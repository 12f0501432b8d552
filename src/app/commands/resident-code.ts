import { type CodeCommand, codeDecider } from '../../domain/code/decider.ts';
import { identityDecider } from '../../domain/identity/decider.ts';
import type { RefusalCode } from '../../domain/refusals.ts';
import * as f from '../../kernel/field.ts';
import { isLabel, type Label, type Mark, residentStream } from '../../kernel/id.ts';
import type { StreamKeys } from '../../vault/port.ts';
import { actorRef, type Caller } from '../actor.ts';
import type { Receipt } from '../api.ts';
import { documentClaim, documentInput, withIssuer } from '../claim-refs.ts';
import { codeAsOf, codeText } from '../gate/code-text.ts';
import type { GateApp } from '../gate/gate-app.ts';
import { parseInput } from '../input.ts';
import type { Outcome } from '../outcome.ts';
import { type Attempt, type Prepared, transact } from '../transact.ts';
import { RESIDENT_FOLDS, shown } from './register-resident.ts';
import { claimCode, newCode, subjectLabel } from './resident-stream.ts';

const CODE = f.optional(f.text(128));
const states = (attempt: Attempt, label: Label) => attempt.load(residentStream(label), RESIDENT_FOLDS);
type States = Awaited<ReturnType<typeof states>>;

/** A command on one resident, found by a health code or by being the one who asks. */
async function onResident(
  app: GateApp,
  caller: Caller,
  requestId: string,
  operation: string,
  input: { readonly code?: string },
  work: (on: {
    label: Label;
    keys: StreamKeys;
    states: States;
    attempt: Attempt;
    codeRef: Mark | undefined;
  }) => Prepared<Receipt>['decision'],
): Promise<Outcome<Receipt>> {
  return transact<Receipt>(app, {
    caller,
    operation,
    requestId,
    input: input as never,
    attempt: async (attempt): Promise<Prepared<Receipt> | RefusalCode> => {
      const label = await subjectLabel(app, caller.actor, input.code);
      if (label === undefined) return 'no-such-code';
      const stream = residentStream(label);
      const loaded = await states(attempt, label);
      const keys = await app.vault.keysOf(stream, attempt.now());
      const codeRef = input.code === undefined ? loaded.code.live?.codeRef : keys.codeRef(input.code);
      const decision = work({ label, keys, states: loaded, attempt, codeRef });
      return { stream, decision, answer: ([event]) => (event === undefined ? {} : { event }) };
    },
    replay: ([first]) => ({ event: (first as { id: string }).id }),
  });
}

const NO_LIVE_CODE = { kind: 'refuse', code: 'no-live-code' } as const;

/** suspendCode, resumeCode, closeCode: by the office with a code, or by the resident on the one they have. */
const onCode =
  (
    operation: string,
    fields: f.Fields,
    command: (
      codeRef: Mark,
      label: Label,
      caller: Caller,
      attempt: Attempt,
      input: Record<string, string>,
    ) => CodeCommand,
  ) =>
  async (app: GateApp, caller: Caller, requestId: string, raw: unknown): Promise<Outcome<Receipt>> => {
    const input = parseInput({ code: CODE, ...fields }, raw) as Record<string, string>;
    return onResident(app, caller, requestId, operation, input, ({ label, states: loaded, attempt, codeRef }) =>
      codeRef === undefined
        ? NO_LIVE_CODE
        : codeDecider.decide(command(codeRef, label, caller, attempt, input), loaded),
    );
  };

export const suspendCode = onCode(
  'suspendCode',
  { reason: f.oneOf('resident', 'lost', 'misuse', 'office') },
  (codeRef, resident, { actor }, _attempt, input) => ({
    type: 'suspend',
    codeRef,
    resident,
    by: actorRef(actor),
    reason: input.reason as 'resident',
  }),
);

export const resumeCode = onCode('resumeCode', {}, (codeRef, resident, { actor }) => ({
  type: 'resume',
  codeRef,
  resident,
  by: actorRef(actor),
}));

export const closeCode = onCode(
  'closeCode',
  { reason: f.oneOf('resident', 'office', 'replaced') },
  (codeRef, _resident, { actor }, attempt, input) => ({
    type: 'close',
    codeRef,
    by: actorRef(actor),
    reason: input.reason as 'resident',
    now: attempt.now(),
  }),
);

/** More documents of a known person; a document of somebody else is a conflict, and nothing is taken. */
export async function linkDocuments(
  app: GateApp,
  caller: Caller,
  requestId: string,
  raw: unknown,
): Promise<Outcome<Receipt>> {
  const input = parseInput({ code: f.text(128), documents: f.list(documentInput(), 32, 1) }, raw);
  const documents = input.documents.map((document, i) => withIssuer(document, `input.documents[${i}]`));
  return transact<Receipt>(app, {
    caller,
    operation: 'linkDocuments',
    requestId,
    input: input as never,
    attempt: async (attempt) => {
      const label = await subjectLabel(app, caller.actor, input.code);
      if (label === undefined) return 'no-such-code';
      const stream = residentStream(label);
      const loaded = await states(attempt, label);
      const keys = await app.vault.keysOf(stream, attempt.now());
      const decision = identityDecider.decide({ type: 'link-documents', documents: shown(keys, documents) }, loaded);
      if (decision.kind === 'refuse') return decision.code;
      const taken = await app.claims.take(documents.map(documentClaim), label, { onlyProposed: true });
      if (taken === 'conflict') return 'document-conflict';
      return { stream, decision, answer: ([event]) => (event === undefined ? {} : { event }) };
    },
    replay: ([first]) => ({ event: (first as { id: string }).id }),
  });
}

export async function reportDeath(
  app: GateApp,
  caller: Caller,
  requestId: string,
  raw: unknown,
): Promise<Outcome<Receipt>> {
  const input = parseInput(
    { code: f.text(128), deceasedAt: f.optional(f.instant()), source: f.optional(f.text(256)) },
    raw,
  );
  const { deceasedAt, source } = input;
  return onResident(app, caller, requestId, 'reportDeath', input, ({ states: loaded, attempt }) =>
    identityDecider.decide(
      {
        type: 'report-death',
        now: attempt.now(),
        ...(deceasedAt === undefined ? {} : { deceasedAt }),
        ...(source === undefined ? {} : { source }),
      },
      loaded,
    ),
  );
}

/** A new code for a resident whose last one is closed, found by documents; the live one when there is one. */
export async function issueCode(
  app: GateApp,
  caller: Caller,
  requestId: string,
  raw: unknown,
): Promise<Outcome<{ readonly code: string }>> {
  const input = parseInput({ documents: f.list(documentInput(), 8, 1) }, raw);
  const documents = input.documents.map((document, i) => withIssuer(document, `input.documents[${i}]`));
  const fresh = newCode(app.entropy.bytes(32));
  return transact<{ readonly code: string }>(app, {
    caller,
    operation: 'issueCode',
    requestId,
    input: input as never,
    attempt: async (attempt) => {
      const found = await app.claims.lookup(documents.map(documentClaim));
      const [label, other] = new Set(found.filter((one) => one !== undefined));
      if (other !== undefined) return 'document-conflict';
      // A document that nobody has shown yet is to be linked first, by the command that is there for it.
      if (label === undefined || found.includes(undefined) || !isLabel(label)) return 'not-registered';
      const stream = residentStream(label);
      const loaded = await states(attempt, label);
      const keys = await app.vault.keysOf(stream, attempt.now());
      const issued = codeDecider.decide({ type: 'issue', codeRef: keys.codeRef(fresh), code: fresh }, loaded);
      if (issued.kind === 'refuse') return issued.code;
      // Showing the code of a known person is itself recorded: `identity.presented`, as at registration.
      const shownAgain = {
        type: 'identity.presented@1',
        retained: { documents: [...new Set(shown(keys, documents).map(({ mark }) => mark))].sort() },
        personal: {},
      } as const;
      const live = loaded.code.live?.codeRef;
      return {
        stream,
        decision: { kind: 'accept', events: [shownAgain, ...issued.events] },
        before: async () => {
          if (issued.events.length > 0) await claimCode(app, fresh, stream);
          return undefined;
        },
        answer: async () => ({ code: live === undefined ? fresh : await codeText(app, stream, live) }),
      };
    },
    replay: async (_events, recorded) => ({ code: await codeAsOf(app, recorded) }),
  });
}
