import type { AnyNewEvent } from '../../domain/catalogue.ts';
import type { Decision } from '../../domain/decider.ts';
import type { RefusalCode } from '../../domain/refusals.ts';
import * as f from '../../kernel/field.ts';
import { type EventId, type Id16, isId16, parseId16, type StreamName, subjectOf, toId16 } from '../../kernel/id.ts';
import type { RecordedEvent } from '../../ledger/port.ts';
import type { ClaimRef } from '../../vault/port.ts';
import type { Caller } from '../actor.ts';
import type { Receipt } from '../api.ts';
import type { App } from '../app.ts';
import { parseInput } from '../input.ts';
import type { Outcome } from '../outcome.ts';
import { type Attempt, transact } from '../transact.ts';

/** What institutions and practitioners have in common: found by claims on identifiers, registered, changed and ended in a stream of their own. */
export interface PartyKind<F extends f.Fields> {
  /** `Institution`, `Practitioner`: the end of the operations' names. */
  readonly name: 'Institution' | 'Practitioner';
  readonly unknown: RefusalCode;
  readonly stream: (id: Id16) => StreamName;
  readonly claim: (identifier: Identifier) => ClaimRef;
  readonly profile: F;
  readonly decide: (
    attempt: Attempt,
    stream: StreamName,
    command: PartyCommand<F>,
  ) => Promise<Decision<AnyNewEvent, RefusalCode>>;
}

export type Identifier = f.Infer<typeof identifier>;
type Profile<F extends f.Fields> = f.InferFields<F> & { readonly identifiers: readonly Identifier[] };
type Contacts = { readonly phone?: string; readonly address?: string };

export type PartyCommand<F extends f.Fields> =
  | { readonly type: 'register'; readonly profile: Profile<F>; readonly contacts: Contacts }
  | { readonly type: 'change'; readonly profile: Profile<F>; readonly contacts?: Contacts }
  | { readonly type: 'end'; readonly reason: string };

const identifier = f.object({ system: f.text(256), number: f.text(128) });
export const identifiers = () => f.list(identifier, 16, 1);
const CONTACTS = { phone: f.optional(f.text(64)), address: f.optional(f.text(512)) } as const;

/** What is decided for which party, and the identifiers that it holds once it is accepted. */
interface Work<F extends f.Fields> {
  readonly id: Id16;
  readonly command: PartyCommand<F>;
  readonly identifiers?: readonly Identifier[];
}

const receipt = (_id: Id16, event: EventId | undefined): Receipt => (event === undefined ? {} : { event });

/** `requestId` is absent for the importer, whose parties are known by their identifiers alone. */
type PartyUse<T> = (app: App, caller: Caller, requestId: string | undefined, raw: unknown) => Promise<Outcome<T>>;

export function partyCommands<F extends f.Fields>(kind: PartyKind<F>) {
  const read = (raw: unknown): { profile: Profile<F>; contacts: Contacts; input: object } => {
    const input = parseInput({ ...kind.profile, ...CONTACTS }, raw) as Profile<F> & Contacts;
    const { phone, address, ...profile } = input;
    const contacts = { ...(phone === undefined ? {} : { phone }), ...(address === undefined ? {} : { address }) };
    return { profile: profile as unknown as Profile<F>, contacts, input };
  };

  const use = <T extends object>(
    app: App,
    caller: Caller,
    requestId: string | undefined,
    operation: string,
    input: object,
    work: (attempt: Attempt) => Promise<Work<F> | RefusalCode>,
    value: (id: Id16, event: EventId | undefined) => T,
  ): Promise<Outcome<T>> =>
    transact<T>(app, {
      caller,
      operation,
      ...(requestId === undefined ? {} : { requestId }),
      input: input as never,
      attempt: async (attempt) => {
        const found = await work(attempt);
        if (typeof found === 'string') return found;
        const { id, command, identifiers: claimed } = found;
        const stream = kind.stream(id);
        return {
          stream,
          decision: await kind.decide(attempt, stream, command),
          before: async () => {
            if (claimed === undefined) return undefined;
            const taken = await app.claims.take(claimed.map(kind.claim), id, { onlyProposed: true });
            return taken === 'conflict' ? 'again' : undefined;
          },
          answer: ([event]) => value(id, event),
        };
      },
      replay: (_events, [first]) => {
        const { stream, id } = first as RecordedEvent;
        return value(parseId16(subjectOf(stream)), id);
      },
    });

  /** The one id behind these identifiers, or `fresh` when none is known. Undefined: they are two parties'. */
  const idBehind = async (app: App, given: readonly Identifier[], fresh: Id16): Promise<Id16 | undefined> => {
    const held = await app.claims.lookup(given.map(kind.claim));
    const [id = fresh, ...others] = new Set(held.filter((one) => one !== undefined));
    return others.length === 0 && isId16(id) ? id : undefined;
  };

  /** Registers a party, or adds to a known one what it lacks. All its identifiers are claims on one id before the event is written. */
  const register: PartyUse<{ readonly id: Id16 }> = async (app, caller, requestId, raw) => {
    const { profile, contacts, input } = read(raw);
    const { identifiers: given } = profile;
    const fresh = toId16(app.entropy.bytes(16));
    const claim = async () => {
      const id = await idBehind(app, given, fresh);
      if (id === undefined) return 'document-conflict';
      return { id, command: { type: 'register', profile, contacts } as const, identifiers: given };
    };
    return use(app, caller, requestId, `register${kind.name}`, input, claim, (id) => ({ id }));
  };

  /** The whole profile as it is from now on. Contacts that are not given stay as they are. */
  const change: PartyUse<Receipt> = async (app, caller, requestId, raw) => {
    const { id: given, ...rest } = (raw ?? {}) as { id?: unknown };
    const { id } = parseInput({ id: f.id16() }, { id: given });
    const { profile, contacts, input } = read(rest);
    const claim = async () => {
      if ((await app.ledger.head(kind.stream(id))) === undefined) return kind.unknown;
      const { identifiers: given } = profile;
      if ((await idBehind(app, given, id)) !== id) return 'document-conflict';
      const some = contacts.phone === undefined && contacts.address === undefined ? {} : { contacts };
      return { id, command: { type: 'change', profile, ...some } as const, identifiers: given };
    };
    return use(app, caller, requestId, `change${kind.name}`, { ...input, id }, claim, receipt);
  };

  const end: PartyUse<Receipt> = async (app, caller, requestId, raw) => {
    const { id, reason } = parseInput({ id: f.id16(), reason: f.text(128) }, raw);
    return use(
      app,
      caller,
      requestId,
      `end${kind.name}`,
      { id, reason },
      async () => ({ id, command: { type: 'end', reason } }),
      receipt,
    );
  };

  return { register, change, end };
}
