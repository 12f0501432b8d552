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
  /** Appends that came behind something newer than their decision knew, on an engine where that can be; nothing was opened on those that were marked. */
  readonly late?: number;
  /** Those of them that no mark names. */
  readonly unmarked?: number;
  readonly finding?: Finding;
}

/** A verdict with what an anchor of the checked events would say. */
export type Checked = Verdict & { readonly anchor: Anchor };

/** One JSON value; counts are decimal text. */
export function verdictJson(verdict: Verdict): object {
  const { events, anchored, verdict: said, streams, root, restored, late, unmarked, finding } = verdict;
  return {
    verdict: said,
    events: events.toString(),
    streams,
    root,
    ...(anchored === undefined ? {} : { anchored: anchored.toString() }),
    ...(restored === undefined ? {} : { restored }),
    ...(late === undefined ? {} : { late, unmarked }),
    ...(finding === undefined ? {} : { finding }),
  };
}

/** The same for people. */
export function verdictText(said: Verdict): string {
  const { verdict, events, streams, root, anchored, restored, finding } = said;
  const read = `${events} events in ${streams} streams`;
  if (finding === undefined) {
    const covered = anchored === undefined || anchored === 0n ? '' : `, the first ${anchored} as the anchor has them`;
    const lost =
      restored === undefined
        ? ''
        : `\nrestored ${restored} time${restored === 1 ? '' : 's'}: events that were seen are gone, accepted and recorded as ledger.restored`;
    return `${verdict}: ${read}, root ${root}${covered}${lost}${lateText(said)}`;
  }
  const { kind, detail, ...where } = finding;
  const places = Object.entries(where).map(([name, value]) => `\n  ${name} ${value}`);
  return `${verdict}: ${read} are right, then this is not\n${kind}: ${detail}${places.join('')}`;
}

/** One line about appends that were late; empty where there is none. */
export function lateText({ late = 0, unmarked = 0 }: { readonly late?: number; readonly unmarked?: number }): string {
  if (late === 0) return '';
  const without = unmarked === 0 ? '' : `, ${unmarked} of them without a mark (a process stopped between the two)`;
  return `\nlate: ${late} append${late === 1 ? '' : 's'} behind something newer than the decision knew${without}`;
}
