import type { Anchor } from './anchor.ts';
import type { Finding } from './finding.ts';

export interface Verdict {
  /** 'anchored': equal to an anchor kept outside. 'not anchored': consistent in itself, which its superuser could have arranged. */
  readonly verdict: 'consistent, anchored' | 'consistent, not anchored' | 'broken';
  /** Events that were checked and are right; all of them unless the verdict is 'broken'. */
  readonly events: bigint;
  readonly streams: number;
  /** base64url RFC 6962 root over the leaves of those events, in ledger order. */
  readonly root: string;
  /** The first so many events are covered by the anchor; those behind it are consistent with them. */
  readonly anchored?: bigint;
  /** How often a restored database was accepted: so often, what had been appended behind it is gone. */
  readonly restored?: number;
  readonly finding?: Finding;
}

/** A verdict with what an anchor of the checked events would say. */
export type Checked = Verdict & { readonly anchor: Anchor };

/** One JSON value; counts are decimal text. */
export function verdictJson(verdict: Verdict): object {
  const { events, anchored, verdict: said, streams, root, restored, finding } = verdict;
  return {
    verdict: said,
    events: events.toString(),
    streams,
    root,
    ...(anchored === undefined ? {} : { anchored: anchored.toString() }),
    ...(restored === undefined ? {} : { restored }),
    ...(finding === undefined ? {} : { finding }),
  };
}

/** The same for people. */
export function verdictText({ verdict, events, streams, root, anchored, restored, finding }: Verdict): string {
  const read = `${events} events in ${streams} streams`;
  if (finding === undefined) {
    const covered = anchored === undefined || anchored === 0n ? '' : `, the first ${anchored} as the anchor has them`;
    const lost =
      restored === undefined
        ? ''
        : `\nrestored ${restored} time${restored === 1 ? '' : 's'}: events that were seen are gone, accepted and recorded as ledger.restored`;
    return `${verdict}: ${read}, root ${root}${covered}${lost}`;
  }
  const { kind, detail, ...where } = finding;
  const places = Object.entries(where).map(([name, value]) => `\n  ${name} ${value}`);
  return `${verdict}: ${read} are right, then this is not\n${kind}: ${detail}${places.join('')}`;
}
