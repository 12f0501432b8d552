import { talk } from '../../scripts/cli.ts';
import { mintDevelopmentToken } from '../../src/auth/development-token.ts';
import { tokenVerifier } from '../../src/auth/verifier.ts';
import { createApiServer } from '../../src/graphql/server.ts';
import { logger } from '../../src/log.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { answerParent } from '../support/child.ts';
import { openBenchNode } from '../support/server.ts';
import { verifyEveryLeaf } from '../support/verify.ts';
import { handMadePlatform, handMadeTables } from './hand-made.ts';
import { timesAfter } from './many-accesses.ts';
import { populate, type Reading } from './population.ts';

/**
 * The process that serves: one node as `npm start` has it, projector included, and three listeners over it that differ in nothing but
 * what `records` does.
 */
const HOST = '127.0.0.1';
const NO_LIMIT = 1_000_000_000;
const TOKEN_MINUTES = 12 * 60;

const node = await openBenchNode(process.env);
const { app, config, keyring } = node;
/** As many connections as the node gives to what reads for the gate. */
const sql = openSql(config.databaseUrl ?? '', {
  max: Math.floor(config.poolMax / 2),
  applicationName: 'bench hand-made',
});
const verifier = await tokenVerifier({
  provider: undefined,
  host: HOST,
  developmentKey: keyring.developmentToken,
  clock: app.clock,
});
const platforms = {
  gated: node.platform,
  audited: handMadePlatform(node, sql, true),
  ungated: handMadePlatform(node, sql, false),
} as const;
const servers = Object.entries(platforms).map(([name, platform]) => {
  const api = createApiServer({
    platform,
    entropy: app.entropy,
    verifier,
    log: logger({ level: config.logLevel }),
    development: false,
    ratePerMinute: NO_LIMIT,
    readiness: () => node.health(),
  });
  return { name, api };
});

let readings: readonly Reading[] = [];

/** One token for each doctor. */
async function tokensFor(readings: readonly Reading[]): Promise<ReadonlyMap<string, string>> {
  const tokens = new Map<string, string>();
  for (const { doctor, practitioner, institution } of readings) {
    if (tokens.has(doctor)) continue;
    const token = { role: 'practitioner', subject: doctor, organisation: institution, practitioner } as const;
    const minted = { ...token, minutes: TOKEN_MINUTES };
    tokens.set(doctor, await mintDevelopmentToken(keyring.developmentToken, minted, app.clock));
  }
  return tokens;
}

async function caughtUp(withinMs: number): Promise<boolean> {
  const end = await app.ledger.end();
  return end === undefined || app.projected.waitFor(end, withinMs);
}

answerParent({
  populate: async (residents: number) => {
    readings = await populate(node, residents);
    if (!(await caughtUp(60_000))) throw new Error('the read tables stand still');
    await handMadeTables(node, readings);
    const tokens = await tokensFor(readings);
    return readings.map(({ code, doctor }) => ({ code, token: tokens.get(doctor) }));
  },
  listen: async () => {
    const urls = await Promise.all(servers.map(async ({ name, api }) => [name, await api.listen(0, HOST)] as const));
    return Object.fromEntries(urls);
  },
  /** Time of a core that this process has taken. */
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  caughtUp,
  accesses: async () => {
    const [row] = await node.sql<{ count: bigint }[]>`select count(*) from events where type = 'access.permitted@1'`;
    return Number(row?.count);
  },
  timesAfter: async (earlier: number) => {
    const [first, ...others] = readings;
    const second = others.find(({ label }) => label !== first?.label);
    const stranger = others.find(
      ({ institution }) => ![first, second].some((one) => one?.institution.number === institution.number),
    );
    if (first === undefined || second === undefined || stranger === undefined) throw new Error('too few residents');
    return timesAfter(node, [first, second], stranger, earlier);
  },
  verify: () => verifyEveryLeaf(node, talk),
  end: async () => {
    await Promise.all(servers.map(({ api }) => api.stop(1_000)));
    await sql.end({ timeout: 1 });
    await node.close();
  },
});
