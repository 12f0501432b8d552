import { toBase64Url } from '../kernel/base64.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Suite } from '../kernel/suite.ts';
import { LedgerIdentityMismatch } from '../ledger/faults.ts';
import { parseLeaf } from '../ledger/leaf.ts';
import type { RecordedEvent } from '../ledger/port.ts';
import {
  isMalformed,
  type MalformedRow,
  type StoredLedger,
  type StoredRow,
  type StoredView,
} from '../ledger/stored.ts';
import type { Anchor } from './anchor.ts';
import { type Beside, checkBeside } from './beside-events.ts';
import { type AnchorCheck, anchorCheck } from './check-anchor.ts';
import { checkEnd, checkHeads } from './check-ends.ts';
import { ledgerCourse } from './course.ts';
import type { Finding } from './finding.ts';
import { type SeenCheck, seenCheck } from './heads/check-seen.ts';
import type { Seen } from './heads/seen.ts';
import { anyOpened, assertOwnKeyring, type Openers, openParts } from './open-parts.ts';
import { checkReadTables, type TableDifference } from './read-tables.ts';
import { damage } from './store-damage.ts';
import type { Checked } from './verdict.ts';

export type { Verdict } from './verdict.ts';

/** What checking stands on. What is absent is not checked. */
export interface CheckDeps extends Openers, Beside {
  readonly stored: StoredLedger;
  readonly suite: Suite;
  readonly now: () => Instant;
  /** Compares the read tables with a rebuild at their own position. */
  readonly compareReadTables?: () => Promise<readonly TableDifference[]>;
}

export interface CheckOptions {
  readonly anchor?: Anchor;
  /** What the data folder has seen of the ledger. */
  readonly seen?: Seen;
  /** Told how many events are right so far, and how many the engine says that there are. */
  readonly onProgress?: (events: bigint, of: bigint | undefined) => void;
}

/** Re-reads a ledger event by event and remembers how far it came, so that a test may call it after every step. */
export interface LedgerChecker {
  /** Checks what was appended since the last call. Returns the first wrong place; once found, it stays. */
  advance(options?: Pick<CheckOptions, 'onProgress'>): Promise<Finding | undefined>;
  /** `advance`, then unfinished appends, the ends that the engine tells, the anchor, and the read tables. */
  finish(options?: CheckOptions): Promise<Checked>;
}

/** The whole of a ledger at once. Throws what is not the ledger's fault: `wrong-keyring`, `ledger-identity`, `ledger-unavailable` … */
export function checkLedger(deps: CheckDeps, options?: CheckOptions): Promise<Checked> {
  return ledgerChecker(deps).finish(options);
}

export function ledgerChecker(deps: CheckDeps): LedgerChecker {
  const { stored, suite } = deps;
  const course = ledgerCourse(stored, suite, deps.now);
  const { tree, streams } = course;
  let broken: Finding | undefined;
  let opened = false;
  let restored = 0;

  async function checkPage(page: readonly StoredRow[], view: StoredView, { anchored, seen }: Kept) {
    const cut = page.findIndex(isMalformed);
    const events = (cut < 0 ? page : page.slice(0, cut)) as readonly RecordedEvent[];
    const parts = await openParts(deps, events);
    opened ||= anyOpened(parts);
    if (!opened) assertOwnKeyring(parts);
    const beside = await checkBeside(deps, events, parts);
    for (const [i, event] of events.entries()) {
      const wrong = course.take(event, parts[i] as (typeof parts)[number], view.end, beside[i]);
      if (wrong !== undefined) return wrong;
      anchored?.reached(tree, streams);
      seen?.reached(tree.size, event.leafHash);
      if (event.type === 'ledger.restored@1') restored += 1;
    }
    return cut < 0 ? undefined : malformedFinding(page[cut] as MalformedRow);
  }

  async function readOn(view: StoredView, kept: Kept, onProgress: CheckOptions['onProgress']) {
    if (tree.size === 0n) kept.anchored?.reached(tree, streams);
    for await (const page of view.rows(course.position)) {
      if (tree.size === 0n) assertOwnLedger(stored, view, page[0]);
      const wrong = await checkPage(page, view, kept);
      onProgress?.(tree.size, view.end?.size);
      if (wrong !== undefined) return wrong;
    }
    if (tree.size === 0n) assertOwnLedger(stored, view, undefined);
    return undefined;
  }

  /** Runs over the store as of now; what the store's own damage throws is a finding too. */
  async function over(work: (view: StoredView) => Promise<Finding | undefined>): Promise<Finding | undefined> {
    try {
      broken ??= await stored.asOfNow(work);
    } catch (error) {
      const why = damage(error);
      if (why === undefined) throw error;
      const after = course.position === undefined ? 'at its beginning' : `behind position ${course.position}`;
      broken = { kind: 'store-unreadable', detail: `${after}: ${why}` };
    }
    return broken;
  }

  return {
    advance: ({ onProgress } = {}) => over((view) => readOn(view, {}, onProgress)),
    finish: async ({ anchor, seen, onProgress } = {}) => {
      const given = anchor ?? seen;
      if (given !== undefined && tree.size > 0n) throw new Error('what was kept is given before anything is read');
      const anchored = anchor && anchorCheck(stored.identity.origin, anchor);
      const seenHere = seen && seenCheck(seen);
      const kept: Kept = { ...(anchored && { anchored }), ...(seenHere && { seen: seenHere }) };
      const found =
        (await over(
          async (view) =>
            (await readOn(view, kept, onProgress)) ??
            course.unfinished() ??
            checkEnd(stored, view.end, course) ??
            (await checkHeads(view, streams)),
        )) ??
        anchored?.finding(tree.size) ??
        seenHere?.finding(tree.size) ??
        (deps.compareReadTables && (await checkReadTables(deps.compareReadTables)));
      const root = tree.root();
      const covers = anchor !== undefined && anchor.size > 0n;
      return {
        verdict: found !== undefined ? 'broken' : covers ? 'consistent, anchored' : 'consistent, not anchored',
        events: tree.size,
        streams: streams.size,
        root: toBase64Url(root),
        ...(found === undefined && anchor !== undefined ? { anchored: anchor.size } : {}),
        ...(restored === 0 ? {} : { restored }),
        ...(course.late.late === 0 ? {} : course.late),
        ...(found === undefined ? {} : { finding: found }),
        anchor: { origin: stored.identity.origin, size: tree.size, root, heads: new Map(streams) },
      };
    },
  };
}

/** What was kept outside the database, while the ledger is read. */
interface Kept {
  readonly anchored?: AnchorCheck;
  readonly seen?: SeenCheck;
}

function malformedFinding({ malformed, why, ...where }: MalformedRow): Finding {
  return { kind: `${malformed}-malformed`, detail: why, ...where };
}

/** A ledger of another origin throughout is the right ledger under wrong settings; one whose end and events disagree is broken. */
function assertOwnLedger({ identity }: StoredLedger, { end }: StoredView, first: StoredRow | undefined): void {
  const told = end?.origin;
  if (told === undefined || told === null || told === identity.origin) return;
  const ofEvents = first === undefined ? told : isMalformed(first) ? undefined : parseLeaf(first.leaf).origin;
  if (ofEvents === told) throw new LedgerIdentityMismatch('origin', identity.origin, told);
}
