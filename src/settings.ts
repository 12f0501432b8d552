import { resolve } from 'node:path';
import { ACTOR_KINDS, type ActorKind } from './kernel/event.ts';
import { Fault } from './kernel/fault.ts';
import { DEFAULT_PREFIX, isPrefix } from './ledger/eventstore/names.ts';
import { isOrigin } from './ledger/leaf.ts';

/** Every setting of the project: what it means, what it may be, what it is when nobody says. The README's table is printed from here. */

/** A setting that is not usable. Names the setting and what is allowed, never the value: it may be a secret. */
export class SettingInvalid extends Fault {
  readonly code = 'setting-invalid';
  readonly setting: string;

  constructor(setting: string, why: string, next: string) {
    super(`the setting ${setting} ${why}`, { next });
    this.setting = setting;
  }
}

export interface Setting<T> {
  readonly meaning: string;
  readonly allowed: string;
  /** The text that counts when the setting is absent or empty; undefined: the setting may be absent. */
  readonly fallback: string | undefined;
  /** How the table prints the default when another setting decides it. */
  readonly shownDefault?: string;
  readonly secret: boolean;
  /** Undefined when the text is not allowed. */
  parse(text: string): T | undefined;
}

type Meaning = Omit<Setting<never>, 'parse' | 'allowed' | 'secret' | 'fallback'> & {
  readonly fallback?: string;
  readonly secret?: boolean;
};

function setting<T>(allowed: string, parse: (text: string) => T | undefined, about: Meaning): Setting<T> {
  return { secret: false, ...about, allowed, fallback: about.fallback, parse };
}

const parseUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);
const integer = (min: number, max: number, about: Meaning): Setting<number> =>
  setting(
    `an integer from ${min} to ${max}`,
    (text) => (/^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined),
    about,
  );
const oneOf = <const T extends readonly string[]>(values: T, about: Meaning): Setting<T[number]> =>
  setting(`one of ${values.join(', ')}`, (text) => values.find((value) => value === text), about);
const matching = (pattern: RegExp, allowed: string, about: Meaning): Setting<string> =>
  setting(allowed, (text) => (pattern.test(text) ? text : undefined), about);
const path = (about: Meaning): Setting<string> => setting('a path', (text) => resolve(text), about);
const postgresUrl = (about: Meaning): Setting<string> =>
  setting(
    'a URL postgres://… or postgresql://…',
    (text) => (/^postgres(?:ql)?:$/.test(parseUrl(text)?.protocol ?? '') ? text : undefined),
    { ...about, secret: true },
  );
const claimName = (about: Meaning): Setting<string> =>
  matching(/^[!-~]{1,256}$/, 'the name of a claim, 1 to 256 visible ASCII letters', about);

const HOST = /^[0-9A-Za-z.:-]{1,255}$/;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
/** Asymmetric only: a shared secret would let every verifier sign. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

function httpsUrl(text: string): URL | undefined {
  const url = parseUrl(text);
  if (url === undefined || url.username !== '' || url.password !== '') return undefined;
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && local) ? url : undefined;
}

/** Of a cluster it names several hosts, which no URL of the standard does. What stands behind them the client reads. */
function eventStoreUrl(text: string): string | undefined {
  const host = String.raw`[^\s,:/?#@]+(?::\d{1,5})?`;
  const form = new RegExp(String.raw`^esdb(?:\+discover)?://(?:[^\s:@/]+:[^\s@/]+@)?${host}(?:,${host})*/?(?:\?\S*)?$`);
  return form.test(text) ? text : undefined;
}

function collectorUrl(text: string): URL | undefined {
  const url = parseUrl(text);
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
    ? url
    : undefined;
}

/** As in the W3C baggage that the OpenTelemetry specification names: values may be percent-encoded. */
function headers(text: string): Readonly<Record<string, string>> | undefined {
  const found = new Map<string, string>();
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const [, name = '', value = ''] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*([!-+\--~]*)\s*$/.exec(pair) ?? [];
    if (name === '' || /%(?![0-9A-Fa-f]{2})/.test(value)) return undefined;
    const decoded = decodeLatin(value);
    // What ends a header's line would begin another.
    if (![...decoded].every((letter) => letter >= ' ' && letter !== '\x7f')) return undefined;
    found.set(name, decoded);
  }
  return Object.fromEntries(found);
}

const decodeLatin = (value: string): string =>
  value.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

function ratio(text: string): number | undefined {
  return /^(?:0(?:\.\d{1,9})?|1(?:\.0{1,9})?)$/.test(text) ? Number(text) : undefined;
}

function algorithms(text: string): readonly string[] | undefined {
  const names = text.split(',').map((name) => name.trim());
  return names.every((name) => ALGORITHMS.some((known) => known === name)) ? names : undefined;
}

function roleNames(text: string): ReadonlyMap<string, ActorKind> | undefined {
  const map = new Map<string, ActorKind>();
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const [theirs = '', ours, more] = pair.split('=').map((part) => part.trim());
    const role = ACTOR_KINDS.find((name) => name === ours);
    if (role === undefined || theirs === '' || more !== undefined || map.has(theirs)) return undefined;
    map.set(theirs, role);
  }
  return map;
}

export const SETTINGS = {
  NODE_ENV: oneOf(['development', 'production', 'test'], {
    meaning: '`production` turns GraphiQL and introspection off.',
    fallback: 'development',
  }),
  HOST: matching(HOST, 'a host name or an address', {
    meaning: 'Address to listen on. Development tokens work on a loopback address only.',
    fallback: '127.0.0.1',
  }),
  PORT: integer(0, 65_535, { meaning: 'Port to listen on; 0 takes any free one.', fallback: '4000' }),
  DATA_DIR: path({
    meaning: 'Folder of the embedded database, the keyring, and what was seen of the ledger.',
    fallback: './data',
  }),
  DATABASE_URL: postgresUrl({
    meaning: 'A PostgreSQL of your own, as the application role. Absent: the embedded one in `DATA_DIR`.',
  }),
  DATABASE_OWNER_URL: postgresUrl({
    meaning: 'The same database as its owner, for migrations only. Absent: migrations are yours to run.',
  }),
  LEDGER_ENGINE: oneOf(['postgres', 'eventstore'], {
    meaning:
      'Where events are kept: in PostgreSQL, or on an EventStoreDB or KurrentDB server or cluster. Keys, claims, contents and read tables stay in PostgreSQL.',
    fallback: 'postgres',
  }),
  EVENTSTORE_URL: setting('a URL esdb://… or esdb+discover://…', eventStoreUrl, {
    meaning: 'Connection string of the EventStoreDB server or cluster, with `tls`, user and discovery in it.',
    secret: true,
  }),
  EVENTSTORE_PREFIX: setting(
    '1 to 31 of a-z, 0-9, "." and "-", and a colon',
    (text) => (isPrefix(text) ? text : undefined),
    {
      meaning: 'Before the names of all streams of this ledger on that server. Fixed for its life.',
      fallback: DEFAULT_PREFIX,
    },
  ),
  KEYRING_FILE: path({
    meaning: 'The keyring. Keep its backup apart from that of the database.',
    shownDefault: '`DATA_DIR`/keyring.json',
  }),
  REGION: matching(/^[0-9A-Za-z-]{1,32}$/, '1 to 32 letters, digits or hyphens', {
    meaning: 'The region, a GB/T 2260 code. Fixed for the life of a ledger.',
    fallback: '110000',
  }),
  ORIGIN: setting('1 to 128 visible ASCII letters without "+"', (text) => (isOrigin(text) ? text : undefined), {
    meaning: 'Name of the ledger in everything that it hashes and signs. Fixed for its life.',
    shownDefault: 'health.example/`REGION`',
  }),
  OIDC_JWKS_URL: setting('an https URL (http on loopback only)', httpsUrl, {
    meaning: 'Where the identity provider publishes its keys. This or `OIDC_JWKS_FILE` turns development tokens off.',
  }),
  OIDC_JWKS_FILE: path({ meaning: 'The provider’s public keys (a JWK set) as a file, instead of a URL.' }),
  OIDC_ISSUER: matching(/^\S{1,512}$/, '1 to 512 letters without spaces', {
    meaning: 'The `iss` that tokens must bear. Needed with a JWK set.',
  }),
  OIDC_AUDIENCE: matching(/^\S{1,512}$/, '1 to 512 letters without spaces', {
    meaning: 'The `aud` that tokens must bear. Needed with a JWK set.',
  }),
  OIDC_ALGORITHMS: setting(`a list of ${ALGORITHMS.join(', ')}, separated by commas`, algorithms, {
    meaning: 'Signature algorithms that are accepted; asymmetric ones only.',
    fallback: 'RS256,ES256',
  }),
  OIDC_CLAIM_ROLE: claimName({
    meaning: 'Claim that bears the role: a text, or a list with one known role.',
    fallback: 'role',
  }),
  OIDC_CLAIM_ORGANISATION: claimName({
    meaning: 'Claim that bears the organisation as `system|number`.',
    fallback: 'organisation',
  }),
  OIDC_CLAIM_PRACTITIONER: claimName({
    meaning: 'Claim that bears the practitioner as `system|number`.',
    fallback: 'practitioner',
  }),
  OIDC_CLAIM_DOCUMENT: claimName({
    meaning: 'Claim that bears a document verified by the provider, as `type|issuer|number` or `type||number`.',
    fallback: 'document',
  }),
  OIDC_ROLES: setting('a list of `theirs=ours`, separated by commas', roleNames, {
    meaning: `The provider’s names for the roles ${ACTOR_KINDS.join(', ')}. When set, only these names count.`,
    fallback: '',
    shownDefault: 'those names',
  }),
  OIDC_ORGANISATION_SYSTEM: matching(/^[^\s|]{1,256}$/, '1 to 256 letters without spaces and "|"', {
    meaning: 'System of an organisation claim that is a bare number.',
  }),
  OIDC_PRACTITIONER_SYSTEM: matching(/^[^\s|]{1,256}$/, '1 to 256 letters without spaces and "|"', {
    meaning: 'System of a practitioner claim that is a bare number.',
  }),
  LOG_LEVEL: oneOf(LOG_LEVELS, { meaning: 'What is logged, as JSON lines on standard error.', fallback: 'info' }),
  METRICS_PORT: integer(0, 65_535, {
    meaning: 'Port of `GET /metrics` for Prometheus, on a listener of its own; 0 takes any free one. Absent: none.',
  }),
  METRICS_HOST: matching(HOST, 'a host name or an address', {
    meaning: 'Address of that listener. It asks for no token: keep it where only the operator reaches it.',
    fallback: '127.0.0.1',
  }),
  METRICS_DIR: path({
    meaning:
      'Folder into which programs that end (a start that failed, `fsck`) write metrics as text files. Absent: none.',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting('an http or https URL without a user', collectorUrl, {
    meaning: 'Collector to which traces are sent, as OTLP over HTTP; `/v1/traces` is put behind it. Absent: no traces.',
  }),
  OTEL_EXPORTER_OTLP_HEADERS: setting('a list of `name=value`, separated by commas', headers, {
    meaning: 'Headers that the collector asks for.',
    fallback: '',
    shownDefault: 'none',
    secret: true,
  }),
  OTEL_TRACES_SAMPLER_ARG: setting('a number from 0 to 1', ratio, {
    meaning: 'Share of the requests that are traced, when they do not say it themselves by `traceparent`.',
    fallback: '1',
  }),
  RATE_LIMIT_PER_MINUTE: integer(1, 1_000_000, {
    meaning: 'Calls of one actor for one purpose in a minute, in each process, before `LIMIT`.',
    fallback: '6000',
  }),
  MAX_QUEUE: integer(1, 1_000_000, {
    meaning: 'Appends that wait at once, in each process, before `BUSY`.',
    fallback: '4096',
  }),
  POOL_MAX: integer(2, 64, { meaning: 'Connections of each process to the database.', fallback: '12' }),
  SEED_RESIDENTS: integer(0, 100_000, {
    meaning: 'Size of the made-up population that `npm start` puts into an empty ledger; 0: none.',
    fallback: '24',
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;
export type SettingValue<S> = S extends Setting<infer T> ? T : never;
export type Environment = Readonly<Record<string, string | undefined>>;

/** The table of settings for the README, in Markdown. */
export function settingsTable(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = Object.entries(SETTINGS).map(([name, declared]: [string, Setting<unknown>]) => {
    const fallback = declared.shownDefault ?? (declared.fallback === undefined ? '–' : `\`${declared.fallback}\``);
    const cells = [`\`${name}\``, declared.meaning, declared.allowed, fallback, declared.secret ? 'yes' : ''];
    return `| ${cells.map(cell).join(' | ')} |`;
  });
  return ['| Setting | Meaning | Allowed | Default | Secret |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}
