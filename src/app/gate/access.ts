import type { Permitted } from '../../domain/access/decide-access.ts';
import type { Selection } from '../../domain/access/events.ts';
import type { Purpose } from '../../domain/terms.ts';
import type { EventId, Label } from '../../kernel/id.ts';
import { LedgerBusy } from '../../ledger/faults.ts';
import type { Appended } from '../../ledger/port.ts';
import { actorStream, type Caller } from '../actor.ts';
import { labelOfCode } from '../commands/resident-stream.ts';
import { done, type Outcome, refusal } from '../outcome.ts';
import { appendRead } from './append-read.ts';
import { type Decided, decideFor, loadAsker } from './decide.ts';
import type { GateApp } from './gate-app.ts';
import { retrying } from './retry.ts';
import { commitToServed, type PlannedItem } from './served.ts';

/** How long a read waits for read tables to have applied what it was decided on. */
const PROJECTION_WAIT_MS = 2_000;

/** What a plan names: which items, and how many match in all. */
export interface Plan {
  readonly items: readonly PlannedItem[];
  readonly matched: number;
}

/** The id of an appended read, which only an append can give: to open is to have one. */
export type Durable = Appended;

export interface Access<P extends Plan, T> {
  readonly caller: Caller;
  /** The resident's own, or through a health code. */
  readonly target: { readonly self: Label } | { readonly code: string };
  readonly purpose: Purpose;
  readonly selection: Selection;
  /** 1: index rows, 2: content. */
  readonly part: 1 | 2;
  /** Something named that the plan must return, else the access is denied as not covered; also a cursor or id that is not this actor's. */
  readonly mustFind: boolean;
  /** Which items, from read tables, under the decision's scopes; `undefined`: what was named is not this actor's to name. */
  readonly plan: (permitted: Permitted, decided: Decided) => Promise<P | undefined>;
  /** Opens exactly the plan. The only place where something personal is opened. */
  readonly open: (plan: P, appended: Durable, decided: Decided) => Promise<T | undefined>;
}

/**
 * The gate (ledger.md §5): decide → plan → append an event that commits to exactly the plan, and wait until it is durable → open
 * exactly the plan. Every path appends one event before it answers; any asker but the resident gets one refusal for every no.
 * When the append fails, nothing is opened: `LedgerBusy`, `AppendUnknown` and `LedgerUnavailable` come through.
 */
export function access<P extends Plan, T>(app: GateApp, ask: Access<P, T>): Promise<Outcome<T>> {
  return retrying(app, ask.caller, () => attempt(app, ask));
}

async function attempt<P extends Plan, T>(app: GateApp, ask: Access<P, T>): Promise<Outcome<T>> {
  const { caller, target, purpose, selection } = ask;
  const code = 'code' in target ? target.code : undefined;
  const label = 'self' in target ? target.self : await labelOfCode(app, target.code);
  if (label === undefined) return missed(app, caller, purpose, selection);

  const asking = { label, purpose, selection, ...(code === undefined ? {} : { code }) };
  const decided = await app.probe.phase('decide', caller.span, () => decideFor(app, caller, asking));
  const { decision } = decided;
  const plan =
    decision.outcome === 'permitted'
      ? await app.probe.phase('plan', caller.span, () => planned(app, ask, decision, decided))
      : undefined;
  if (decision.outcome === 'denied' || plan === undefined || (ask.mustFind && plan.items.length === 0)) {
    const rule = decision.outcome === 'denied' ? decision.rule : 'not-covered';
    const event = {
      type: 'access.denied@1',
      retained: { ...asked(caller, purpose, selection, decided), rule },
      personal: {},
    } as const;
    await appendRead(app, caller, decided.stream, event, { ...decided, until: [] });
    return refusal('not-available');
  }

  const { served, personal } = commitToServed(app, plan.items, ask.part, plan.matched);
  const { rule, basis, winner, grants, policyRules, notAfter } = decision;
  const event = {
    type: 'access.permitted@1',
    retained: {
      ...asked(caller, purpose, selection, decided),
      rule,
      basis,
      ...(winner === undefined ? {} : { winner }),
      grants,
      policyRules,
      served,
    },
    personal,
  } as const;
  const appended = await appendRead(app, caller, decided.stream, event, {
    ...decided,
    until: notAfter === undefined ? [] : [notAfter],
  });
  // Durable from here on: "may have been disclosed". If the process stops now, the asker got nothing and the log says they may have.
  const opened = await app.probe.phase('open', caller.span, () => ask.open(plan, appended, decided));
  return opened === undefined ? refusal('not-available') : done(opened);
}

async function planned<P extends Plan, T>(
  app: GateApp,
  ask: Access<P, T>,
  permitted: Permitted,
  decided: Decided,
): Promise<P | undefined> {
  if (decided.shelf !== undefined && !(await app.projected.waitFor(decided.shelf, PROJECTION_WAIT_MS))) {
    throw new LedgerBusy(PROJECTION_WAIT_MS);
  }
  return ask.plan(permitted, decided);
}

/** What permitted and denied accesses say alike. */
function asked(caller: Caller, purpose: Purpose, selection: Selection, { policy }: Pick<Decided, 'policy'>) {
  return {
    purpose,
    selection,
    ...(policy === undefined ? {} : { policy }),
    ...(caller.channel === undefined ? {} : { channel: caller.channel }),
    ...(caller.careStep === undefined ? {} : { careStep: caller.careStep }),
  };
}

/** Nobody is behind the code: the asker's own stream says that they asked, and the answer is that of every other no. */
export async function missed<T>(
  app: GateApp,
  caller: Caller,
  purpose: Purpose,
  selection: Selection,
): Promise<Outcome<T>> {
  const asker = await loadAsker(app, caller);
  const decided = app.clock.now();
  const policy = asker.states.policy.adopted?.hash;
  const event = {
    type: 'access.missed@1',
    retained: { purpose, selection, ...(policy === undefined ? {} : { policy }) },
    personal: {},
  } as const;
  await appendRead(app, caller, actorStream(caller.actor), event, { seen: asker.seen, decided, until: [] });
  return refusal('not-available');
}

/** The id of the one event that an append wrote. */
export function eventOf(appended: Durable): EventId {
  return (appended.events[0] as { id: EventId }).id;
}
