/**
 * How large the large tests are. `npm test` takes a tenth of what is promised, `npm run test:full` (HRL_SIZES=full) all of it; the run
 * prints which (test/support/global-setup.ts).
 */
export interface Sizes {
  /** Bundles of ../shared/data/synthea that are imported, beside the two of organisations and practitioners. */
  readonly bundles: number;
  /** The same for each import that is killed or has another beside it. */
  readonly disturbedBundles: number;
  /** Rounds of readers against each kind of ending: a revocation, an ended practitioner or institution, another policy. */
  readonly raceRounds: number;
  /** The same on EventStoreDB, where all readers of one resident write to one stream by its exact revision. */
  readonly eventStoreRaceRounds: number;
  /** Readers in each of these rounds, over four processes. */
  readonly readers: number;
  /** Appends during which the server, and Postgres, are killed. */
  readonly killAppends: number;
  /** Of the places at which a connection is cut or a process killed, every so many-th. */
  readonly everyPlace: number;
  /** Kills of the server's process, and of Postgres, under load, taken together. */
  readonly kills: number;
  /** Appends of 64 writers of which some are torn off. */
  readonly tornAppends: number;
  /** Random residents with grants and records whose accesses are compared with the pure rule. */
  readonly lawfulRuns: number;
  /** Earlier accesses of a resident whose record is opened. */
  readonly earlierAccesses: number;
  /** Random GraphQL documents whose answers are compared with what the oracle of test/attack lets be seen. */
  readonly attackDocuments: number;
}

const FULL: Sizes = {
  bundles: 48,
  disturbedBundles: 48,
  raceRounds: 50,
  eventStoreRaceRounds: 10,
  readers: 200,
  killAppends: 2_000,
  everyPlace: 1,
  kills: 100,
  tornAppends: 20_000,
  lawfulRuns: 300,
  earlierAccesses: 10_000,
  attackDocuments: 100_000,
};
const TENTH: Sizes = {
  bundles: 5,
  disturbedBundles: 3,
  raceRounds: 5,
  eventStoreRaceRounds: 1,
  readers: 40,
  killAppends: 200,
  everyPlace: 5,
  kills: 10,
  tornAppends: 2_000,
  lawfulRuns: 30,
  earlierAccesses: 1_000,
  attackDocuments: 2_000,
};

export const SIZES: Sizes = process.env.HRL_SIZES === 'full' ? FULL : TENTH;
/** Whether all of what is promised is run. */
export const WHOLE: boolean = SIZES === FULL;

/** One line for people. */
export function sizesText(): string {
  const list = Object.entries(SIZES).map(([name, size]) => `${name} ${size}`);
  return `sizes (${WHOLE ? 'full' : 'a tenth; HRL_SIZES=full for all'}): ${list.join(', ')}`;
}
