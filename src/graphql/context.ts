import type { Caller } from '../app/actor.ts';
import type { Platform } from '../app/api.ts';
import type { Probe } from '../kernel/probe.ts';
import type { FaultReport } from './fault-report.ts';
import type { RateLimit } from './rate-limit.ts';

/** What a resolver has at hand: one object a request. */
export interface Context {
  readonly platform: Platform;
  readonly caller: Caller;
  /** X-Request-Id as given or minted; it also stands in every event of the request. */
  readonly requestId: string;
  readonly rate: RateLimit;
  readonly faults: FaultReport;
  readonly probe: Probe;
}
