/**
 * How large the large tests are. `npm test` takes a tenth of what is promised, `npm run test:full` (HRL_SIZES=full) all of it; the run
 * prints which (test/support/global-setup.ts).
 */
export interface Sizes {
  /** Bundles of ../shared/data/synthea that are imported, beside the two of organisations and practitioners. */
  readonly bundles: number;
  /** The same for each import that is killed or has another beside it. */
  readonly disturbedBundles: number;
  /** Rounds of readers against one revocation. */
  readonly revokeRounds: number;
  /** Readers in each of these rounds, over two processes. */
  readonly readers: number;
  /** Appends during which the server, and Postgres, are killed. */
  readonly killAppends: number;
  /** Random residents with grants and records whose accesses are compared with the pure rule. */
  readonly lawfulRuns: number;
}

const FULL: Sizes = {
  bundles: 48,
  disturbedBundles: 48,
  revokeRounds: 50,
  readers: 50,
  killAppends: 2_000,
  lawfulRuns: 300,
};
const TENTH: Sizes = {
  bundles: 5,
  disturbedBundles: 3,
  revokeRounds: 5,
  readers: 50,
  killAppends: 200,
  lawfulRuns: 30,
};

export const SIZES: Sizes = process.env.HRL_SIZES === 'full' ? FULL : TENTH;

/** One line for people. */
export function sizesText(): string {
  const list = Object.entries(SIZES).map(([name, size]) => `${name} ${size}`);
  return `sizes (${SIZES === FULL ? 'full' : 'a tenth; HRL_SIZES=full for all'}): ${list.join(', ')}`;
}
