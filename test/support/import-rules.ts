import type { IForbiddenRuleType } from 'dependency-cruiser';

/** Who may import whom: docs/architecture.md as rules. Type-only imports count: a type is knowledge too. */

/** Tests see everything; what they show is no part of the product. */
const TESTS = ['\\.test\\.ts$', '^test/'];

interface Rule {
  readonly name: string;
  readonly meaning: string;
  /** Whom the rule binds: paths, without those of `except`. Tests are always left out. */
  readonly from: readonly string[];
  readonly except?: readonly string[];
  /** What they may not import: `to`, without `allowed`. No `to` means anything. */
  readonly to?: readonly string[];
  readonly allowed?: readonly string[];
}

const npm = (...names: readonly string[]): string[] => names.map((name) => `(^|/)node_modules/${name}(/|$)`);

/** The files that read clear personal data on somebody's behalf, after an access event is durable. */
const GATE = ['^src/app/gate/'];
const AUDIT = ['^src/audit/'];

/** Where SQL is spoken. */
const DATABASE = [
  '^src/(postgres|vault|projector|reads|clock)/',
  '^src/(ledger|log)/[^/]+/',
  '^src/(main|open-ledger|copy-ledger)\\.ts$',
  '^schema/',
  '^drizzle\\.config\\.ts$',
];

const RULES: readonly Rule[] = [
  {
    name: 'kernel-is-a-leaf',
    meaning: 'src/kernel sees itself and @noble',
    from: ['^src/kernel/'],
    allowed: ['^src/kernel/', ...npm('@noble/hashes', '@noble/ciphers')],
  },
  {
    name: 'domain-is-pure',
    meaning: 'src/domain sees kernel and domain: no npm package, nothing of Node',
    from: ['^src/domain/'],
    allowed: ['^src/kernel/', '^src/domain/'],
  },
  {
    name: 'domain-knows-no-algorithm',
    meaning: 'src/domain asks nobody to hash, has neither clock nor entropy, and tells no operator anything',
    from: ['^src/domain/'],
    to: ['^src/kernel/(suite|suite-noble|ports|probe)\\.ts$'],
  },
  {
    name: 'aggregates-meet-in-words',
    meaning: "an aggregate sees another's events.ts and terms.ts only",
    from: ['^src/domain/([^/]+)/'],
    to: ['^src/domain/[^/]+/'],
    allowed: ['^src/domain/$1/', '^src/domain/[^/]+/(events|terms)\\.ts$'],
  },
  {
    name: 'only-app-decides',
    meaning: 'deciders are imported by src/app, for replay by src/audit, and by files of their own aggregate',
    from: ['^'],
    except: ['^src/app/', '^src/domain/', ...AUDIT],
    to: ['^src/domain/[^/]+/(decider|decide-[a-z-]+)\\.ts$'],
  },
  {
    name: 'schema-declares',
    meaning: 'schema sees kernel brands and drizzle-orm',
    from: ['^schema/'],
    allowed: ['^schema/', '^src/kernel/(brand|bytes|id|instant|event)\\.ts$', ...npm('drizzle-orm')],
  },
  {
    name: 'projections-see-events-and-tables',
    meaning: 'a projection sees words, tables, kernel and projector/define.ts; no other projection, no query, no vault',
    from: ['^projections/'],
    allowed: [
      '^src/domain/(catalogue|terms)\\.ts$',
      '^src/domain/[^/]+/(events|terms)\\.ts$',
      '^schema/tables/',
      '^src/kernel/',
      '^src/projector/define\\.ts$',
    ],
  },
  {
    name: 'engines-are-strangers',
    meaning: 'one engine never sees another',
    from: ['^src/ledger/([^/]+)/'],
    to: ['^src/ledger/[^/]+/'],
    allowed: ['^src/ledger/$1/'],
  },
  {
    name: 'an-auditor-needs-no-database',
    meaning:
      'the pure files of src/ledger and src/log see kernel and each other: no engine, no package, nothing of Node',
    from: ['^src/(ledger|log)/[^/]+\\.ts$'],
    allowed: ['^src/kernel/', '^src/(ledger|log)/[^/]+\\.ts$'],
  },
  {
    name: 'a-verifier-runs-anywhere',
    meaning: 'src/log/verify sees kernel and the pure files of src/log and src/ledger: nothing that a browser has not',
    from: ['^src/log/verify/'],
    allowed: ['^src/kernel/', '^src/(ledger|log)/[^/]+\\.ts$', '^src/log/verify/'],
  },
  {
    name: 'drivers-stay-below',
    meaning: 'database drivers are for engines, pools, vault, projector, reads, log stores, clock and main',
    from: ['^'],
    except: [...DATABASE, '(^|/)node_modules/'],
    to: npm('postgres', 'drizzle-orm', '@eventstore/[^/]+'),
  },
  {
    name: 'pools-stay-below',
    meaning: 'pools are for the same, and for entry points and benches, which open and close them',
    from: ['^'],
    except: [...DATABASE, '^scripts/', '^bench/'],
    to: ['^src/postgres/pools\\.ts$'],
  },
  {
    name: 'gated-rows-have-one-door',
    meaning: 'src/reads/gated is for the gate, the audit, and main, which hands it to them',
    from: ['^'],
    except: ['^src/reads/gated/', ...GATE, ...AUDIT, '^src/main\\.ts$'],
    to: ['^src/reads/gated/'],
  },
  {
    name: 'personal-parts-have-one-door',
    meaning:
      'opening personal parts and contents is for the gate and the audit, to whom main hands it; ' +
      'the vault itself opens one field, the intent',
    from: ['^'],
    except: [...GATE, ...AUDIT, '^src/main\\.ts$', '^src/vault/vault\\.ts$'],
    to: ['^src/vault/open-(personal|content)\\.ts$'],
  },
  {
    name: 'keys-stay-in-the-vault',
    meaning: 'nobody outside src/vault holds a key or the way to one',
    from: ['^'],
    except: ['^src/vault/'],
    to: ['^src/vault/(internals|wrap|held-key|key-cache|stream-keys|stream-key-store|period-key-store)\\.ts$'],
  },
  {
    name: 'graphql-asks-app',
    meaning: 'src/graphql sees no ledger, log, reads, tables, projections, projector, vault, database, decider',
    from: ['^src/graphql/'],
    to: [
      '^src/(ledger|log|reads|projector|vault|postgres)/',
      '^(schema|projections)/',
      '^src/domain/[^/]+/(decider|fold)\\.ts$',
    ],
  },
  {
    name: 'below-knows-nothing-above',
    meaning: 'ledger, log, vault, projector, reads and postgres know no use case, API, audit, import or main',
    from: ['^src/(ledger|log|vault|projector|reads|postgres|suite-node|clock)/', '^projections/', '^schema/'],
    to: ['^src/(app|graphql|audit|auth|fhir|exchange|seed)/', '^src/(main|config)\\.ts$', '^scripts/'],
  },
  {
    name: 'only-telemetry-counts-and-traces',
    meaning: 'libraries of metrics and traces are for src/telemetry; whoever has something to tell tells the probe',
    from: ['^'],
    except: ['^src/telemetry/', '(^|/)node_modules/'],
    to: npm('prom-client', '@opentelemetry/[^/]+'),
  },
  {
    name: 'telemetry-is-handed-in',
    meaning: 'src/telemetry is for entry points; it knows kernel and config, and nothing of what it is told about',
    from: ['^src/'],
    except: ['^src/telemetry/', '^src/main\\.ts$'],
    to: ['^src/telemetry/'],
  },
  {
    name: 'telemetry-knows-the-probe',
    meaning: 'src/telemetry sees kernel, config and libraries',
    from: ['^src/telemetry/'],
    to: ['^(src|schema|projections|scripts)/'],
    allowed: ['^src/kernel/', '^src/config\\.ts$', '^src/telemetry/'],
  },
  {
    name: 'nobody-imports-an-entry-point',
    meaning: 'scripts and main are called, never imported by what they call',
    from: ['^src/', '^projections/', '^schema/'],
    except: ['^src/main\\.ts$'],
    to: ['^scripts/', '^src/main\\.ts$'],
  },
];

const mutable = (list: readonly string[]): string[] => [...list];

export const FORBIDDEN: IForbiddenRuleType[] = [
  { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
  { name: 'all-resolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  {
    name: 'no-test-in-the-product',
    comment: 'what ships imports no test and no test support',
    severity: 'error',
    from: { pathNot: TESTS },
    to: { path: TESTS },
  },
  ...RULES.map(
    (rule): IForbiddenRuleType => ({
      name: rule.name,
      comment: rule.meaning,
      severity: 'error',
      from: { path: mutable(rule.from), pathNot: [...TESTS, ...(rule.except ?? [])] },
      to: {
        ...(rule.to === undefined ? {} : { path: mutable(rule.to) }),
        ...(rule.allowed === undefined ? {} : { pathNot: mutable(rule.allowed) }),
      },
    }),
  ),
];
