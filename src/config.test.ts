import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBothEngines, readConfig, readNoEngine } from './config.ts';
import { type Environment, SettingInvalid, settingsTable } from './settings.ts';

const PROVIDER = {
  OIDC_JWKS_URL: 'https://idp.example/jwks',
  OIDC_ISSUER: 'https://idp.example',
  OIDC_AUDIENCE: 'hrl',
};

function refused(environment: Environment): SettingInvalid {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof SettingInvalid) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('settings', () => {
  it('all have a default or may be absent', () => {
    const config = readConfig({});
    expect(config).toEqual({
      environment: 'development',
      host: '127.0.0.1',
      port: 4000,
      dataDir: resolve('data'),
      databaseUrl: undefined,
      databaseOwnerUrl: undefined,
      eventStore: undefined,
      keyringFile: resolve('data/keyring.json'),
      region: '110000',
      origin: 'health.example/110000',
      provider: undefined,
      logLevel: 'info',
      metrics: undefined,
      metricsDir: undefined,
      traces: undefined,
      rateLimitPerMinute: 6000,
      maxQueue: 4096,
      poolMax: 12,
      seedResidents: 24,
    });
  });

  it('choose the engine of the ledger, and never leave a server that was named without one', () => {
    const url = 'esdb://admin:secret@es.example:2113?tls=true';
    expect(readConfig({ LEDGER_ENGINE: 'eventstore', EVENTSTORE_URL: url }).eventStore).toEqual({
      url,
      prefix: 'hrl:',
    });
    const named = { LEDGER_ENGINE: 'eventstore', EVENTSTORE_URL: url, EVENTSTORE_PREFIX: 'zj:' };
    expect(readConfig(named).eventStore).toEqual({ url, prefix: 'zj:' });
    for (const cluster of ['esdb://u:p%40@a:2113,b:2113,c:2113?tls=true', 'esdb+discover://es.example?tls=true'])
      expect(readConfig({ LEDGER_ENGINE: 'eventstore', EVENTSTORE_URL: cluster }).eventStore?.url).toBe(cluster);
    expect(() => readConfig({ LEDGER_ENGINE: 'eventstore' })).toThrow('the setting EVENTSTORE_URL is needed');
    expect(() => readConfig({ EVENTSTORE_URL: url })).toThrow('the setting LEDGER_ENGINE is postgres');
  });

  it('name both engines to who moves a ledger, and none to who gives a move up', () => {
    const url = 'esdb://es.example:2113';
    const named = { EVENTSTORE_URL: url, EVENTSTORE_PREFIX: 'zj:', REGION: '330000' };
    for (const LEDGER_ENGINE of ['', 'postgres', 'eventstore']) {
      expect(readBothEngines({ ...named, LEDGER_ENGINE })).toMatchObject({
        eventStore: { url, prefix: 'zj:' },
        region: '330000',
      });
      expect(readNoEngine({ ...named, LEDGER_ENGINE })).toMatchObject({ eventStore: undefined, region: '330000' });
    }
    expect(() => readBothEngines({ LEDGER_ENGINE: 'postgres' })).toThrow('the setting EVENTSTORE_URL is needed');
  });

  it('that are empty count as absent', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '', OIDC_JWKS_URL: '' })).toEqual(readConfig({}));
  });

  it('follow each other: the keyring lies in the data folder, the origin names the region', () => {
    const config = readConfig({ DATA_DIR: '/srv/hrl', REGION: '330000' });
    expect([config.keyringFile, config.origin]).toEqual(['/srv/hrl/keyring.json', 'health.example/330000']);
    const told = readConfig({ DATA_DIR: '/srv/hrl', KEYRING_FILE: '/etc/hrl.json', ORIGIN: 'hangzhou.example' });
    expect([told.keyringFile, told.origin]).toEqual(['/etc/hrl.json', 'hangzhou.example']);
  });

  it.each([
    ['NODE_ENV', 'staging', 'one of development, production, test'],
    ['HOST', 'two words', 'a host name or an address'],
    ['PORT', '65536', 'an integer from 0 to 65535'],
    ['PORT', '80 ', 'an integer from 0 to 65535'],
    ['PORT', '0x50', 'an integer from 0 to 65535'],
    ['PORT', '-1', 'an integer from 0 to 65535'],
    ['DATABASE_URL', 'mysql://u:secret@h/d', 'a URL postgres://… or postgresql://…'],
    ['DATABASE_URL', 'secret', 'a URL postgres://… or postgresql://…'],
    ['DATABASE_OWNER_URL', 'http://u:secret@h', 'a URL postgres://… or postgresql://…'],
    ['LEDGER_ENGINE', 'mysql', 'one of postgres, eventstore'],
    ['EVENTSTORE_URL', 'http://u:secret@h', 'a URL esdb://… or esdb+discover://…'],
    ['EVENTSTORE_URL', 'esdb://u:secret@a:2113,', 'a URL esdb://… or esdb+discover://…'],
    ['EVENTSTORE_PREFIX', 'no colon', '1 to 31 of a-z, 0-9, "." and "-", and a colon'],
    ['REGION', 'a b', '1 to 32 letters, digits or hyphens'],
    ['ORIGIN', 'a+b', '1 to 128 visible ASCII letters without "+"'],
    ['OIDC_JWKS_URL', 'http://idp.example/jwks', 'an https URL (http on loopback only)'],
    ['OIDC_JWKS_URL', 'https://user:secret@idp.example/jwks', 'an https URL (http on loopback only)'],
    ['LOG_LEVEL', 'loud', 'one of fatal, error, warn, info, debug, trace, silent'],
    ['METRICS_PORT', '9090/tcp', 'an integer from 0 to 65535'],
    ['METRICS_HOST', 'two words', 'a host name or an address'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://user:secret@collector', 'an http or https URL without a user'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317', 'an http or https URL without a user'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'secret', 'a list of `name=value`'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a b=secret', 'a list of `name=value`'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=secret%0d%0Ab: c', 'a list of `name=value`'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=secret%zz', 'a list of `name=value`'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'a number from 0 to 1'],
    ['OTEL_TRACES_SAMPLER_ARG', '.5', 'a number from 0 to 1'],
    ['RATE_LIMIT_PER_MINUTE', '0', 'an integer from 1 to 1000000'],
    ['MAX_QUEUE', 'many', 'an integer from 1 to 1000000'],
    ['POOL_MAX', '1', 'an integer from 2 to 64'],
    ['SEED_RESIDENTS', '1e3', 'an integer from 0 to 100000'],
  ])('%s=%s is refused by name and by what is allowed, and never repeated', (name, value, allowed) => {
    const fault = refused({ ...PROVIDER, [name]: value });
    expect(fault).toMatchObject({ code: 'setting-invalid', setting: name });
    expect(`${fault.message} ${fault.next}`).toContain(allowed);
    expect(`${fault.message} ${fault.next}`).not.toContain('secret');
    expect(`${fault.message} ${fault.next}`).not.toContain(`"${value}"`);
  });

  it.each(['none', 'HS256', 'RS256,HS256', 'RS256,,ES256', 'rs256'])('OIDC_ALGORITHMS=%s is refused', (value) => {
    expect(refused({ ...PROVIDER, OIDC_ALGORITHMS: value }).setting).toBe('OIDC_ALGORITHMS');
  });

  it.each(['doctor', 'doctor=surgeon', 'doctor=practitioner,doctor=issuer', '=issuer', 'a=b=issuer'])(
    'OIDC_ROLES=%s is refused',
    (value) => {
      expect(refused({ ...PROVIDER, OIDC_ROLES: value }).setting).toBe('OIDC_ROLES');
    },
  );

  it('of a provider stand together or not at all', () => {
    expect(refused({ OIDC_ISSUER: 'https://idp.example' }).setting).toBe('OIDC_JWKS_URL');
    expect(refused({ OIDC_AUDIENCE: 'hrl' }).setting).toBe('OIDC_JWKS_URL');
    expect(refused({ ...PROVIDER, OIDC_ISSUER: '' }).setting).toBe('OIDC_ISSUER');
    expect(refused({ ...PROVIDER, OIDC_AUDIENCE: '' }).setting).toBe('OIDC_AUDIENCE');
    expect(refused({ ...PROVIDER, OIDC_JWKS_FILE: 'jwks.json' }).setting).toBe('OIDC_JWKS_FILE');
    expect(refused({ OIDC_AUDIENSE: 'hrl' }).setting).toBe('OIDC_AUDIENSE');
  });

  it('of a provider give the claims their meaning', () => {
    const { provider } = readConfig({
      ...PROVIDER,
      OIDC_ALGORITHMS: 'ES256, EdDSA',
      OIDC_CLAIM_ROLE: 'https://idp.example/role',
      OIDC_ROLES: 'doctor=practitioner, citizen=resident',
      OIDC_ORGANISATION_SYSTEM: 'urn:uscc',
    });
    expect(provider).toEqual({
      jwks: { url: new URL('https://idp.example/jwks') },
      issuer: 'https://idp.example',
      audience: 'hrl',
      algorithms: ['ES256', 'EdDSA'],
      claims: {
        role: 'https://idp.example/role',
        organisation: 'organisation',
        practitioner: 'practitioner',
        document: 'document',
        roles: new Map([
          ['doctor', 'practitioner'],
          ['citizen', 'resident'],
        ]),
        organisationSystem: 'urn:uscc',
      },
    });
  });

  it('of the operator say where metrics are served and where traces are sent', () => {
    expect(readConfig({ METRICS_PORT: '0' }).metrics).toEqual({ host: '127.0.0.1', port: 0 });
    expect(readConfig({ METRICS_PORT: '9464', METRICS_HOST: '10.0.0.1' }).metrics).toEqual({
      host: '10.0.0.1',
      port: 9464,
    });
    expect(readConfig({ METRICS_HOST: '10.0.0.1' }).metrics).toBeUndefined();
    const endpoint = 'http://collector:4318/otlp';
    expect(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).traces).toEqual({
      endpoint: new URL(endpoint),
      headers: {},
      ratio: 1,
    });
    const told = readConfig({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc%3D, x-tenant=a=b',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    });
    expect(told.traces).toMatchObject({ headers: { authorization: 'Bearer abc=', 'x-tenant': 'a=b' }, ratio: 0.25 });
    expect(readConfig({ OTEL_TRACES_SAMPLER_ARG: '0.25' }).traces).toBeUndefined();
  });

  it('name the database as the application before they name it as its owner', () => {
    expect(refused({ DATABASE_OWNER_URL: 'postgres://owner@h/d' }).setting).toBe('DATABASE_URL');
  });

  it('are all in the printed table, one a line, and secrets are marked', () => {
    const rows = settingsTable()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    const source = readFileSync(new URL('./config.ts', import.meta.url), 'utf8');
    const used = [...source.matchAll(/\b(?:get|need)\('([A-Z_]+)'/g)].map((match) => match[1]);
    expect(rows.map((row) => row.split('`')[1]).sort()).toEqual([...new Set(used)].sort());
    expect(rows.every((row) => row.split(/(?<!\\)\|/).length === 7)).toBe(true);
    expect(rows.filter((row) => row.endsWith('| yes |')).map((row) => row.split('`')[1])).toEqual([
      'DATABASE_URL',
      'DATABASE_OWNER_URL',
      'EVENTSTORE_URL',
      'OTEL_EXPORTER_OTLP_HEADERS',
    ]);
  });
});
