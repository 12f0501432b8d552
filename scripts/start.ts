import { defineCommand } from 'citty';
import closeWithGrace from 'close-with-grace';
import { documentClaim, institutionClaim, practitionerClaim, withIssuer } from '../src/app/claim-refs.ts';
import { OPERATOR_SYSTEM } from '../src/app/local-caller.ts';
import { mintDevelopmentToken } from '../src/auth/development-token.ts';
import { tokenVerifier } from '../src/auth/verifier.ts';
import { readConfig } from '../src/config.ts';
import { type ApiServer, createApiServer } from '../src/graphql/server.ts';
import { logger } from '../src/log.ts';
import { openNode } from '../src/main.ts';
import { tellStart } from '../src/telemetry/program-metrics.ts';
import { openTelemetry } from '../src/telemetry/telemetry.ts';
import { program, talk } from './cli.ts';
import { FIRST_SEED, firstPopulation } from './first-population.ts';
import { welcome } from './welcome.ts';

/** Requests that run when the process is told to stop get this long. */
const DRAIN_MS = 10_000;
/** So long callers are sent elsewhere before connections are closed. */
const LINGER_MS = 2_000;

await program(
  defineCommand({
    meta: {
      name: 'npm start --',
      description:
        'Start the platform: database (embedded unless DATABASE_URL is set), migrations, a small made-up population if the ledger is empty, and the GraphQL API. The last line of stdout is `ready <url>`. Settings are environment variables, listed in the README.',
    },
    run: async () => {
      const config = readConfig();
      const log = logger({ level: config.logLevel });
      const telemetry = await openTelemetry(config);
      const { probe } = telemetry;
      const node = await openNode({ config, log, probe }).catch(async (error: unknown) => {
        await tellStart(config.metricsDir, error);
        throw error;
      });
      let server: ApiServer | undefined;
      try {
        await firstPopulation(node, config);
        const development = config.environment !== 'production' && config.provider === undefined;
        const verifier = await tokenVerifier({
          provider: config.provider,
          host: config.host,
          developmentKey: node.keyring.developmentToken,
          clock: node.app.clock,
        });
        const api = createApiServer({
          platform: node.platform,
          entropy: node.app.entropy,
          verifier,
          log,
          development,
          ratePerMinute: config.rateLimitPerMinute,
          readiness: () => node.health(),
          probe,
        });
        server = api;
        const metricsUrl = await telemetry.serve({ ...node.gauges, faults: () => api.faultCounts() });
        if (metricsUrl !== undefined) log.info({ url: metricsUrl }, 'metrics');
        const url = await api.listen(config.port, config.host);
        node.projector?.done.catch((error: unknown) => {
          log.fatal({ err: error }, 'the read tables stopped: run npm run fsck');
          process.exitCode = 1;
        });
        const closing = closeWithGrace({ delay: DRAIN_MS + 5_000, logger: false }, async ({ err, signal }) => {
          if (err !== undefined) log.fatal({ err }, 'stopping');
          else log.info({ signal }, 'stopping');
          await api.stop(DRAIN_MS, LINGER_MS);
          await node.close();
          await telemetry.close();
        });
        void closing;
        if (verifier.kind === 'development') {
          const mint = (token: Omit<Parameters<typeof mintDevelopmentToken>[1], 'minutes'>): Promise<string> =>
            mintDevelopmentToken(node.keyring.developmentToken, { ...token, minutes: 12 * 60 }, node.app.clock);
          const lines = await welcome({
            url,
            mint,
            operator: { system: OPERATOR_SYSTEM, number: config.region },
            seed: FIRST_SEED,
            residents: config.seedResidents,
            known: async ({ document, institution, practitioner }) => {
              const who = [
                documentClaim(withIssuer(document)),
                institutionClaim(institution),
                practitionerClaim(practitioner),
              ];
              return (await node.app.claims.lookup(who)).every((found) => found !== undefined);
            },
          });
          for (const line of lines) console.log(line);
        } else talk('tokens: those of your identity provider');
        await tellStart(config.metricsDir);
        console.log(`ready ${url}`);
      } catch (error) {
        await tellStart(config.metricsDir, error);
        // What listens keeps a process alive that serves nothing any more.
        await server?.stop(0);
        await node.close();
        await telemetry.close();
        throw error;
      }
    },
  }),
);
