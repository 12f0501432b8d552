import { resolve } from 'node:path';
import type { ActorKind } from './kernel/event.ts';
import {
  type Environment,
  SETTINGS,
  type Setting,
  SettingInvalid,
  type SettingName,
  type SettingValue,
} from './settings.ts';

/**
 * The environment, read once and strictly. Every setting is declared in `SETTINGS`; the README's table is printed from it, and nothing
 * else in the project looks at the process's environment.
 */

export interface ClaimNames {
  readonly role: string;
  readonly organisation: string;
  readonly practitioner: string;
  readonly document: string;
  /** The provider's role names for ours; empty: they are the same. */
  readonly roles: ReadonlyMap<string, ActorKind>;
  readonly organisationSystem?: string;
  readonly practitionerSystem?: string;
}

/** An identity provider of one's own. */
export interface ProviderConfig {
  readonly jwks: { readonly url: URL } | { readonly file: string };
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  readonly claims: ClaimNames;
}

export interface Config {
  readonly environment: 'development' | 'production' | 'test';
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly databaseOwnerUrl: string | undefined;
  /** Undefined: the ledger is in PostgreSQL. */
  readonly eventStore: { readonly url: string; readonly prefix: string } | undefined;
  readonly keyringFile: string;
  readonly region: string;
  readonly origin: string;
  /** Undefined: only development tokens, and only on loopback. */
  readonly provider: ProviderConfig | undefined;
  readonly logLevel: SettingValue<(typeof SETTINGS)['LOG_LEVEL']>;
  /** Undefined: metrics are not served. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  readonly metricsDir: string | undefined;
  /** Undefined: nothing is traced. */
  readonly traces:
    | { readonly endpoint: URL; readonly headers: Readonly<Record<string, string>>; readonly ratio: number }
    | undefined;
  readonly rateLimitPerMinute: number;
  readonly maxQueue: number;
  readonly poolMax: number;
  readonly seedResidents: number;
}

function read(environment: Environment) {
  const get = <N extends SettingName>(name: N): SettingValue<(typeof SETTINGS)[N]> | undefined => {
    const declared: Setting<unknown> = SETTINGS[name];
    const given = environment[name];
    const text = given === undefined || given === '' ? declared.fallback : given;
    if (text === undefined) return undefined;
    const value = declared.parse(text);
    if (value === undefined) {
      throw new SettingInvalid(
        name,
        `is not ${declared.allowed}`,
        `set ${name} to ${declared.allowed}, or leave it out`,
      );
    }
    return value as SettingValue<(typeof SETTINGS)[N]>;
  };
  const need = <N extends SettingName>(name: N, why: string): SettingValue<(typeof SETTINGS)[N]> => {
    const value = get(name);
    if (value === undefined)
      throw new SettingInvalid(name, `is needed: ${why}`, `set ${name} to ${SETTINGS[name].allowed}`);
    return value;
  };
  return { get, need };
}

function readProvider({ get, need }: ReturnType<typeof read>): ProviderConfig | undefined {
  const url = get('OIDC_JWKS_URL');
  const file = get('OIDC_JWKS_FILE');
  if (url !== undefined && file !== undefined) {
    throw new SettingInvalid('OIDC_JWKS_FILE', 'is set beside OIDC_JWKS_URL', 'keep one of the two');
  }
  const jwks = url !== undefined ? { url } : file !== undefined ? { file } : undefined;
  if (jwks === undefined) {
    // Half a provider must not quietly mean development tokens.
    for (const name of ['OIDC_ISSUER', 'OIDC_AUDIENCE'] as const) {
      if (get(name) !== undefined)
        throw new SettingInvalid('OIDC_JWKS_URL', `is needed: ${name} is set`, 'name the provider’s keys');
    }
    return undefined;
  }
  const why = 'the provider’s keys are set';
  const organisationSystem = get('OIDC_ORGANISATION_SYSTEM');
  const practitionerSystem = get('OIDC_PRACTITIONER_SYSTEM');
  return {
    jwks,
    issuer: need('OIDC_ISSUER', why),
    audience: need('OIDC_AUDIENCE', why),
    algorithms: need('OIDC_ALGORITHMS', why),
    claims: {
      role: need('OIDC_CLAIM_ROLE', why),
      organisation: need('OIDC_CLAIM_ORGANISATION', why),
      practitioner: need('OIDC_CLAIM_PRACTITIONER', why),
      document: need('OIDC_CLAIM_DOCUMENT', why),
      roles: need('OIDC_ROLES', why),
      ...(organisationSystem === undefined ? {} : { organisationSystem }),
      ...(practitionerSystem === undefined ? {} : { practitionerSystem }),
    },
  };
}

function readTraces({ get, need }: ReturnType<typeof read>): Config['traces'] {
  const [headers, ratio] = [need('OTEL_EXPORTER_OTLP_HEADERS', 'always'), need('OTEL_TRACES_SAMPLER_ARG', 'always')];
  const endpoint = get('OTEL_EXPORTER_OTLP_ENDPOINT');
  return endpoint === undefined ? undefined : { endpoint, headers, ratio };
}

function readEventStore({ get, need }: ReturnType<typeof read>): Config['eventStore'] {
  const [url, prefix] = [get('EVENTSTORE_URL'), need('EVENTSTORE_PREFIX', 'always')];
  if (need('LEDGER_ENGINE', 'always') === 'postgres') {
    // Whoever names a server must not find later that nothing was ever written there.
    if (url !== undefined)
      throw new SettingInvalid(
        'LEDGER_ENGINE',
        'is postgres, and EVENTSTORE_URL is set',
        'set LEDGER_ENGINE to eventstore, or leave EVENTSTORE_URL out',
      );
    return undefined;
  }
  return { url: need('EVENTSTORE_URL', 'LEDGER_ENGINE is eventstore'), prefix };
}

/** For who works on both engines, whichever is chosen: LEDGER_ENGINE is not looked at, EVENTSTORE_URL is needed. Throws `SettingInvalid`. */
export function readBothEngines(
  environment: Environment = process.env,
): Config & { readonly eventStore: NonNullable<Config['eventStore']> } {
  const { eventStore, ...config } = readConfig({ ...environment, LEDGER_ENGINE: 'eventstore' });
  if (eventStore === undefined) throw new Error('no engine without its settings');
  return { ...config, eventStore };
}

/** For who works beside the ledger, wherever it is: none of the engines is looked at. Throws `SettingInvalid`. */
export function readNoEngine(environment: Environment = process.env): Config {
  return readConfig({ ...environment, LEDGER_ENGINE: undefined, EVENTSTORE_URL: undefined });
}

/** Throws `SettingInvalid` for the first setting that is not usable. Settings that are set to the empty text count as absent. */
export function readConfig(environment: Environment = process.env): Config {
  // A misspelt OIDC setting would leave the door that it was to close as it is.
  for (const name of Object.keys(environment)) {
    if (name.startsWith('OIDC_') && !Object.hasOwn(SETTINGS, name)) {
      const known = Object.keys(SETTINGS).filter((other) => other.startsWith('OIDC_'));
      throw new SettingInvalid(name.slice(0, 64), 'is not known', `settings of the provider are ${known.join(', ')}`);
    }
  }
  const settings = read(environment);
  const { get, need } = settings;
  const databaseUrl = get('DATABASE_URL');
  const databaseOwnerUrl = get('DATABASE_OWNER_URL');
  if (databaseOwnerUrl !== undefined && databaseUrl === undefined) {
    throw new SettingInvalid(
      'DATABASE_URL',
      'is needed: DATABASE_OWNER_URL is set',
      'name the same database as the application',
    );
  }
  const dataDir = need('DATA_DIR', 'always');
  const region = need('REGION', 'always');
  const [metricsHost, metricsPort] = [need('METRICS_HOST', 'always'), get('METRICS_PORT')];
  return {
    environment: need('NODE_ENV', 'always'),
    host: need('HOST', 'always'),
    port: need('PORT', 'always'),
    dataDir,
    databaseUrl,
    databaseOwnerUrl,
    eventStore: readEventStore(settings),
    keyringFile: get('KEYRING_FILE') ?? resolve(dataDir, 'keyring.json'),
    region,
    origin: get('ORIGIN') ?? `health.example/${region}`,
    provider: readProvider(settings),
    logLevel: need('LOG_LEVEL', 'always'),
    metrics: metricsPort === undefined ? undefined : { host: metricsHost, port: metricsPort },
    metricsDir: get('METRICS_DIR'),
    traces: readTraces(settings),
    rateLimitPerMinute: need('RATE_LIMIT_PER_MINUTE', 'always'),
    maxQueue: need('MAX_QUEUE', 'always'),
    poolMax: need('POOL_MAX', 'always'),
    seedResidents: need('SEED_RESIDENTS', 'always'),
  };
}
