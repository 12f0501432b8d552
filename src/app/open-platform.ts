import { Fault } from '../kernel/fault.ts';
import { type Id16, parseId16, toId16 } from '../kernel/id.ts';
import type { Suite } from '../kernel/suite.ts';
import { checkValues, verifyCheckValues } from '../vault/check-value.ts';
import type { Keyring } from '../vault/keyring.ts';
import type { App } from './app.ts';
import { institutionClaim } from './claim-refs.ts';
import { institutionCommands } from './commands/institution.ts';
import { adoptPolicy, FIRST_POLICY, ledgerOpening, openLedger, policyInForce } from './commands/ledger.ts';
import { localCaller, OPERATOR_SYSTEM } from './local-caller.ts';

/** The ledger was opened under another origin or region than the settings say. */
export class LedgerOpenedOtherwise extends Fault {
  readonly code = 'ledger-opened-otherwise';

  constructor() {
    super('this database holds the ledger of another origin or region', {
      next: 'set ORIGIN and REGION to those it was opened with, or name another database',
    });
  }
}

/**
 * Makes a ledger usable, once: its own account is opened with the keyring's check values, the operator is registered as an organisation,
 * and the first policy is adopted. Stopped anywhere, the next start goes on; a ledger that has all this is left as it is.
 * Throws `wrong-keyring` when the ledger was opened with another one.
 */
export async function openPlatform(app: App, suite: Suite, keyring: Keyring): Promise<{ readonly operator: Id16 }> {
  const checks = checkValues(suite, keyring);
  const opened = await ledgerOpening(app);
  if (opened !== undefined) {
    verifyCheckValues(suite, keyring, opened.checks);
    if (opened.origin !== app.ledger.identity.origin || opened.region !== app.region) throw new LedgerOpenedOtherwise();
  }
  const identifier = { system: OPERATOR_SYSTEM, number: app.region };
  const [known] = await app.claims.lookup([institutionClaim(identifier)]);
  const taken = known ?? (await operatorId(app, identifier));
  const operator = parseId16(taken, 'operator');
  const caller = localCaller(app, 'open', operator);
  if (opened === undefined) expectDone(await openLedger(app, caller, checks));
  const profile = {
    identifiers: [identifier],
    name: `Health platform of region ${app.region}`,
    region: app.region,
    kind: 'operator',
  };
  expectDone(await institutionCommands.register(app, caller, undefined, profile));
  if ((await policyInForce(app)) === null)
    expectDone(await adoptPolicy(app, caller, undefined, { policy: FIRST_POLICY }));
  return { operator };
}

async function operatorId(app: App, identifier: { readonly system: string; readonly number: string }): Promise<string> {
  const taken = await app.claims.take([institutionClaim(identifier)], toId16(app.entropy.bytes(16)));
  if (taken === 'conflict') throw new LedgerOpenedOtherwise();
  return taken.subject;
}

function expectDone(outcome: { readonly kind: 'done' } | { readonly kind: 'refusal'; readonly code: string }): void {
  if (outcome.kind === 'refusal') throw new LedgerOpenedOtherwise();
}
