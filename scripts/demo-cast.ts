import { randomBytes } from 'node:crypto';
import { OPERATOR_SYSTEM } from '../src/app/local-caller.ts';
import { mintDevelopmentToken } from '../src/auth/development-token.ts';
import type { Config } from '../src/config.ts';
import { Fault } from '../src/kernel/fault.ts';
import { fromEpochMs } from '../src/kernel/instant.ts';
import { inventedIdCard, MAX_RESIDENTS } from '../src/seed/id-number.ts';
import { readKeyring } from '../src/vault/keyring-file.ts';

class DemoNeedsDevelopmentTokens extends Fault {
  readonly code = 'demo-needs-development-tokens';

  constructor() {
    super('the demo plays every role with development tokens, and an identity provider is configured', {
      next: 'run it without OIDC_JWKS_URL and OIDC_JWKS_FILE',
    });
  }
}

const SYSTEM = 'urn:hrl:demo';

/** The people of one run: all new, so that the demo can be run again on the same ledger. */
export async function castOf(config: Config) {
  if (config.provider !== undefined) throw new DemoNeedsDevelopmentTokens();
  const { developmentToken } = await readKeyring(config.keyringFile);
  const run = randomBytes(4).toString('hex');
  const clock = { now: () => fromEpochMs(Date.now()) };
  const mint = (token: Omit<Parameters<typeof mintDevelopmentToken>[1], 'minutes'>): Promise<string> =>
    mintDevelopmentToken(developmentToken, { ...token, minutes: 30 }, clock);

  const platform = { system: OPERATOR_SYSTEM, number: config.region };
  const east = { system: SYSTEM, number: `east-${run}` };
  const west = { system: SYSTEM, number: `west-${run}` };
  const lin = { system: SYSTEM, number: `lin-${run}` };
  const zhao = { system: SYSTEM, number: `zhao-${run}` };
  const card = inventedIdCard(`demo-${run}`, Number.parseInt(run.slice(0, 4), 16) % MAX_RESIDENTS);
  const document = { type: '01', number: card.number };
  return {
    run,
    card,
    document,
    east,
    west,
    lin,
    zhao,
    tokens: {
      regulator: await mint({ role: 'regulator', subject: `regulator-${run}`, organisation: platform }),
      office: await mint({ role: 'issuer', subject: `office-${run}`, organisation: platform }),
      lin: await mint({ role: 'practitioner', subject: `lin-${run}`, organisation: east, practitioner: lin }),
      zhao: await mint({ role: 'practitioner', subject: `zhao-${run}`, organisation: west, practitioner: zhao }),
      resident: await mint({ role: 'resident', subject: `resident-${run}`, document }),
    },
  };
}
