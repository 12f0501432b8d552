import type { Clock, Entropy } from '../kernel/ports.ts';
import type { Probe } from '../kernel/probe.ts';
import type { Suite } from '../kernel/suite.ts';
import type { Ledger, Position } from '../ledger/port.ts';
import type { OpenReads } from '../reads/open/open-reads.ts';
import type { Claims, Contents, Tokens, Vault } from '../vault/port.ts';
import type { OpenRetained } from './past-event.ts';
import type { StateLoader } from './states.ts';

/** Everything a use case stands on; wired once, in main. What only the gate may touch is in `Gate` (gate/gate.ts). */
export interface App {
  readonly ledger: Ledger;
  readonly vault: Vault;
  readonly claims: Claims;
  readonly contents: Contents;
  readonly tokens: Tokens;
  readonly openRetained: OpenRetained;
  readonly states: StateLoader;
  readonly projected: Projected;
  readonly open: OpenReads;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly suite: Suite;
  readonly region: string;
  readonly probe: Probe;
}

/** Read tables and how far they have come. */
export interface Projected {
  /** True once the read tables have applied that position; false when `timeoutMs` passed first. */
  waitFor(position: Position, timeoutMs: number): Promise<boolean>;
}
