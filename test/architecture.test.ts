import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cruised, cruiseTree } from './support/cruise.ts';
import { FORBIDDEN } from './support/import-rules.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['src', 'schema', 'projections', 'scripts', 'bench', 'test'];

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${folder}/${path}`);
}

describe('the imports of the project', () => {
  let cruised: Cruised;
  beforeAll(async () => {
    cruised = await cruiseTree(ROOT, FOLDERS);
  });

  it('were all read: a rule over nothing would hold too', () => {
    const read = new Set(cruised.modules);
    expect(FOLDERS.flatMap(sources).filter((path) => !read.has(path))).toEqual([]);
    expect(read.size).toBeGreaterThan(150);
    expect(cruised.modules).toContain('src/kernel/canonical.ts');
    expect(cruised.modules.some((path) => path.startsWith('node_modules/postgres/'))).toBe(true);
  });

  it('keep every rule of docs/architecture.md', () => {
    expect(cruised.violations).toEqual([]);
  });
});

/** For each rule one import that it forbids and one beside it that it allows. `dep:` stands for an installed package. */
const CASES: readonly {
  readonly rule: string;
  readonly forbidden: readonly [from: string, to: string];
  readonly allowed: readonly [from: string, to: string];
}[] = [
  { rule: 'no-cycle', forbidden: ['src/auth/a.ts', 'src/auth/a.ts'], allowed: ['src/auth/a.ts', 'src/auth/b.ts'] },
  { rule: 'all-resolved', forbidden: ['src/auth/a.ts', 'dep:absent'], allowed: ['src/auth/a.ts', 'dep:jose'] },
  {
    rule: 'no-test-in-the-product',
    forbidden: ['src/auth/a.ts', 'test/support/b.ts'],
    allowed: ['src/auth/a.test.ts', 'test/support/b.ts'],
  },
  {
    rule: 'kernel-is-a-leaf',
    forbidden: ['src/kernel/a.ts', 'src/ledger/leaf.ts'],
    allowed: ['src/kernel/a.ts', 'dep:@noble/hashes'],
  },
  { rule: 'kernel-is-a-leaf', forbidden: ['src/kernel/a.ts', 'node:fs'], allowed: ['src/kernel/a.test.ts', 'node:fs'] },
  {
    rule: 'domain-is-pure',
    forbidden: ['src/domain/code/decider.ts', 'dep:zod'],
    allowed: ['src/domain/code/decider.ts', 'src/kernel/event.ts'],
  },
  {
    rule: 'domain-is-pure',
    forbidden: ['src/domain/code/decider.ts', 'node:crypto'],
    allowed: ['src/domain/code/decider.test.ts', 'node:crypto'],
  },
  {
    rule: 'domain-knows-no-algorithm',
    forbidden: ['src/domain/code/decider.ts', 'src/kernel/ports.ts'],
    allowed: ['src/app/transact.ts', 'src/kernel/ports.ts'],
  },
  {
    rule: 'aggregates-meet-in-words',
    forbidden: ['src/domain/code/decider.ts', 'src/domain/consent/fold.ts'],
    allowed: ['src/domain/code/decider.ts', 'src/domain/consent/terms.ts'],
  },
  {
    rule: 'only-app-decides',
    forbidden: ['src/fhir/a.ts', 'src/domain/code/decider.ts'],
    allowed: ['src/audit/replay.ts', 'src/domain/code/decider.ts'],
  },
  {
    rule: 'schema-declares',
    forbidden: ['schema/tables/a.ts', 'src/domain/terms.ts'],
    allowed: ['schema/tables/a.ts', 'src/kernel/id.ts'],
  },
  {
    rule: 'projections-see-events-and-tables',
    forbidden: ['projections/codes.ts', 'projections/consents.ts'],
    allowed: ['projections/codes.ts', 'src/domain/code/events.ts'],
  },
  {
    rule: 'projections-see-events-and-tables',
    forbidden: ['projections/codes.ts', 'src/vault/port.ts'],
    allowed: ['projections/codes.ts', 'src/projector/define.ts'],
  },
  {
    rule: 'engines-are-strangers',
    forbidden: ['src/ledger/memory/a.ts', 'src/ledger/postgres/b.ts'],
    allowed: ['src/ledger/memory/a.ts', 'src/ledger/memory/b.ts'],
  },
  {
    rule: 'an-auditor-needs-no-database',
    forbidden: ['src/ledger/port.ts', 'src/ledger/postgres/b.ts'],
    allowed: ['src/ledger/port.ts', 'src/kernel/id.ts'],
  },
  {
    rule: 'a-verifier-runs-anywhere',
    forbidden: ['src/log/verify/note.ts', 'dep:postgres'],
    allowed: ['src/log/verify/note.ts', 'src/ledger/leaf.ts'],
  },
  {
    rule: 'drivers-stay-below',
    forbidden: ['src/app/transact.ts', 'dep:postgres'],
    allowed: ['src/ledger/postgres/a.ts', 'dep:postgres'],
  },
  {
    rule: 'drivers-stay-below',
    forbidden: ['src/graphql/types/code.ts', 'dep:drizzle-orm'],
    allowed: ['src/clock/database-clock.ts', 'dep:drizzle-orm'],
  },
  {
    rule: 'pools-stay-below',
    forbidden: ['src/app/gate/open.ts', 'src/postgres/pools.ts'],
    allowed: ['scripts/rebuild.ts', 'src/postgres/pools.ts'],
  },
  {
    rule: 'gated-rows-have-one-door',
    forbidden: ['src/app/commands/a.ts', 'src/reads/gated/records.ts'],
    allowed: ['src/app/gate/open.ts', 'src/reads/gated/records.ts'],
  },
  {
    rule: 'gated-rows-have-one-door',
    forbidden: ['src/reads/open/a.ts', 'src/reads/gated/records.ts'],
    allowed: ['src/audit/check-rows.ts', 'src/reads/gated/records.ts'],
  },
  {
    rule: 'personal-parts-have-one-door',
    forbidden: ['src/app/transact.ts', 'src/vault/open-personal.ts'],
    allowed: ['src/app/gate/open.ts', 'src/vault/open-personal.ts'],
  },
  {
    rule: 'personal-parts-have-one-door',
    forbidden: ['src/app/commands/a.ts', 'src/vault/open-content.ts'],
    allowed: ['src/audit/a.ts', 'src/vault/open-content.ts'],
  },
  {
    rule: 'keys-stay-in-the-vault',
    forbidden: ['src/audit/a.ts', 'src/vault/internals.ts'],
    allowed: ['src/audit/a.ts', 'src/vault/port.ts'],
  },
  {
    rule: 'graphql-asks-app',
    forbidden: ['src/graphql/types/code.ts', 'src/reads/open/codes.ts'],
    allowed: ['src/graphql/types/code.ts', 'src/app/gate/gate.ts'],
  },
  {
    rule: 'graphql-asks-app',
    forbidden: ['src/graphql/types/code.ts', 'schema/tables/reads.ts'],
    allowed: ['src/graphql/types/code.ts', 'src/domain/terms.ts'],
  },
  {
    rule: 'below-knows-nothing-above',
    forbidden: ['src/vault/vault.ts', 'src/app/roles.ts'],
    allowed: ['src/vault/vault.ts', 'src/domain/catalogue.ts'],
  },
  {
    rule: 'domain-knows-no-algorithm',
    forbidden: ['src/domain/code/decider.ts', 'src/kernel/probe.ts'],
    allowed: ['src/app/transact.ts', 'src/kernel/probe.ts'],
  },
  {
    rule: 'only-telemetry-counts-and-traces',
    forbidden: ['src/app/transact.ts', 'dep:prom-client'],
    allowed: ['src/telemetry/metrics.ts', 'dep:prom-client'],
  },
  {
    rule: 'only-telemetry-counts-and-traces',
    forbidden: ['scripts/start.ts', 'dep:@opentelemetry/api'],
    allowed: ['src/telemetry/traces.ts', 'dep:@opentelemetry/api'],
  },
  {
    rule: 'telemetry-is-handed-in',
    forbidden: ['src/graphql/server.ts', 'src/telemetry/metrics.ts'],
    allowed: ['scripts/start.ts', 'src/telemetry/metrics.ts'],
  },
  {
    rule: 'telemetry-knows-the-probe',
    forbidden: ['src/telemetry/probe.ts', 'src/app/roles.ts'],
    allowed: ['src/telemetry/probe.ts', 'src/kernel/probe.ts'],
  },
  {
    rule: 'nobody-imports-an-entry-point',
    forbidden: ['src/app/a.ts', 'scripts/seed.ts'],
    allowed: ['scripts/seed.ts', 'src/app/a.ts'],
  },
];

describe('a rule', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hrl-imports-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A tree with one import in it, so small that no other rule can be what speaks. */
  async function judged(name: string, [from, to]: readonly [string, string]): Promise<Cruised> {
    const root = join(folder, name);
    const put = async (path: string, text: string) => {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    };
    await put('package.json', '{"type":"module"}');
    for (const installed of [
      'postgres',
      'drizzle-orm',
      'zod',
      'jose',
      '@noble/hashes',
      'prom-client',
      '@opentelemetry/api',
    ]) {
      await put(
        `node_modules/${installed}/package.json`,
        `{"name":"${installed}","version":"1.0.0","main":"index.js"}`,
      );
      await put(`node_modules/${installed}/index.js`, 'export const it = 1;');
    }
    const up = '../'.repeat(from.split('/').length - 1);
    const spec = to.startsWith('dep:') ? to.slice(4) : to.startsWith('node:') ? to : `./${up}${to}`;
    if (to.endsWith('.ts')) await put(to, 'export const it = 1;');
    await put(from, `import { it } from '${spec}';\nexport const used = it;\n`);
    return cruiseTree(root, [from.split('/')[0] ?? '']);
  }

  it.each(CASES.map((one, i) => [one.rule, one.forbidden.join(' → '), one, i] as const))(
    '%s forbids %s',
    async (rule, _, one, i) => {
      const { violations, modules } = await judged(`forbidden-${i}`, one.forbidden);
      expect(modules).toContain(one.forbidden[0]);
      expect(violations.map((violation) => violation.split(':')[0])).toContain(rule);
    },
  );

  it.each(CASES.map((one, i) => [one.rule, one.allowed.join(' → '), one, i] as const))(
    '%s allows %s',
    async (rule, _, one, i) => {
      const { violations, modules } = await judged(`allowed-${i}`, one.allowed);
      expect(modules).toContain(one.allowed[0]);
      expect(violations.map((violation) => violation.split(':')[0])).not.toContain(rule);
    },
  );

  it('is never without a case that it forbids', () => {
    expect([...new Set(CASES.map((one) => one.rule))].sort()).toEqual(FORBIDDEN.map((rule) => rule.name).sort());
  });
});
