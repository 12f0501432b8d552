import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi } from '../support/api.ts';
import { stepCheck } from '../support/check.ts';
import { SIZES } from '../support/sizes.ts';
import { type Attack, type Attacked, attackOn } from './attack.ts';
import { change } from './changes.ts';
import { populate } from './inhabitants.ts';
import type { Population } from './population.ts';

/** Another seed, other people and other documents: HRL_ATTACK_SEED. */
const SEED = Number(process.env.HRL_ATTACK_SEED ?? 20_261_122);
/** So many of one population; then come other people, since what is asked of one leaves its trail for the rest to be shown in. */
const ROUND = 10_000;
/** So many at once: enough that their appends share groups. */
const BATCH = 16;
/** After so many failing documents there is nothing more to learn. */
const ENOUGH = 5;
const HOURS = 3_600_000;

const total = SIZES.attackDocuments;
const rounds = Array.from({ length: Math.ceil(total / ROUND) }, (_, i) => ({
  seed: SEED + i,
  documents: Math.min(ROUND, total - i * ROUND),
}));

describe.each(rounds)('$documents random documents of every role and of nobody (seed $seed)', ({ seed, documents }) => {
  let api: ApiUnderTest;
  let population: Population;
  let attack: Attack;
  beforeAll(async () => {
    api = await openApi();
    population = await populate(api, seed);
    attack = await attackOn(api, population, seed);
  }, 300_000);
  afterAll(() => api.close());

  /** Sends half of them, with something that happens between the batches; what failed, each shrunk to what matters. */
  const sent = async (between: () => Promise<unknown>): Promise<string[]> => {
    const failed: Attacked[] = [];
    for (let left = documents / 2; left > 0 && failed.length < ENOUGH; left -= BATCH) {
      const wrong = await attack.batch(Math.min(BATCH, left));
      failed.push(...wrong);
      if (wrong.length === 0) await between();
    }
    const told: string[] = [];
    for (const one of failed.slice(0, ENOUGH)) told.push(await attack.explain(one));
    return told;
  };

  it(
    'are answered exactly as the plain list of grants lets them be, by one event for each occurrence, within the published limits',
    async () => {
      expect(await sent(async () => undefined)).toEqual([]);
    },
    HOURS,
  );

  it(
    'and so they are while grants, codes, records and affiliations change between them',
    async () => {
      const changes: Record<string, number> = {};
      const between = async (): Promise<void> => {
        const what = await attack.between(() => change(population));
        changes[what] = (changes[what] ?? 0) + 1;
      };
      expect(await sent(between)).toEqual([]);
      expect(Object.keys(changes).length, JSON.stringify(changes)).toBeGreaterThan(5);
    },
    HOURS,
  );

  it('met every kind of answer, so that no side of the oracle went untried', () => {
    const { met } = attack.tally;
    const kinds = [
      'status 200',
      'status 400',
      'limit of shape',
      'limit of cost',
      'status 401',
      'access.permitted',
      'access.denied',
      'access.missed',
      'access.log-read',
      'records opened',
      'faults beside data',
    ];
    expect(
      kinds.filter((kind) => (met[kind] ?? 0) < documents / 400),
      JSON.stringify(met),
    ).toEqual([]);
    expect(attack.harvest.ids.length).toBeGreaterThan(50);
    expect(attack.harvest.cursors.length).toBeGreaterThan(50);
  });

  it('leave a ledger that is whole', async () => {
    expect((await stepCheck(api.node.audit).end()).verdict).toBe('consistent, not anchored');
  }, 600_000);
});
