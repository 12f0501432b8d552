import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FORBIDDEN } from './support/import-rules.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

function files(folder: string, ...endings: readonly string[]): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => ({ path: `${folder}/${path}`, text: readFileSync(join(ROOT, folder, path), 'utf8') }));
}

/** Code without comments; strings and templates stay, so that what they call is seen. */
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*$/gm, '');

/** `path: what was found`, for each match in the files' code. */
function found(sources: readonly SourceFile[], pattern: RegExp): string[] {
  return sources.flatMap(({ path, text }) =>
    [...withoutComments(text).matchAll(new RegExp(pattern, `${pattern.flags}g`))].map(
      (match) => `${path}: ${match[0].trim()}`,
    ),
  );
}

const PRODUCT = ['src', 'schema', 'projections', 'scripts']
  .flatMap((folder) => files(folder, '.ts'))
  .filter(({ path }) => !path.endsWith('.test.ts'));

/** A rule on the text of sources: what breaks it, and a line of each kind, so that the rule is seen to speak and to be silent. */
const RULES: readonly {
  readonly law: string;
  readonly pattern: RegExp;
  readonly binds: (path: string) => boolean;
  readonly breaks: readonly string[];
  readonly keeps: readonly string[];
}[] = [
  {
    law: 'revisions, positions and sizes of the ledger never become a double: toJsonInteger or bigint',
    pattern: /(?:\bNumber|\bparseInt)\([^();]*\b(?:revision|position|logIndex|treeSize)\b/i,
    // A position in an SQL text, and the one function that converts and checks.
    binds: (path) => !['src/postgres/migrate.ts', 'src/kernel/integer.ts'].includes(path),
    breaks: ['const n = Number(event.revision);', 'Number.parseInt(position.toString(), 10)', 'Number(row.Position)'],
    keeps: ['toJsonInteger(event.revision)', 'Number(text)', 'f(Number(day), revision)'],
  },
  {
    law: 'domain and projections have no clock, entropy, process, network or timer',
    pattern:
      /\b(?:new Date|Date\.|performance\.|crypto\b|process\.|fetch\(|setTimeout|setInterval|Math\.random|async |await |Promise)/,
    binds: (path) => path.startsWith('src/domain/') || path.startsWith('projections/'),
    breaks: ['const t = new Date();', 'Date.now()', 'Math.random()', 'async function f() {}'],
    keeps: ['birthDate', 'validUntil: f.instant()', 'accept()'],
  },
  {
    law: 'kernel has no clock, entropy, process, network or timer',
    pattern:
      /\b(?:new Date|Date\.|performance\.|globalThis|process\.|fetch\(|setTimeout|setInterval|Math\.random|getRandomValues)/,
    binds: (path) => path.startsWith('src/kernel/'),
    breaks: ['Date.now()', 'crypto.getRandomValues(b)'],
    keeps: ['new DataView(out.buffer)', 'isDate(1, 2, 3)'],
  },
  {
    law: 'personal parts and contents are opened by the gate and the audit',
    pattern: /\.openPersonal\(|\bapp\.openContent\(/,
    binds: (path) => !/^src\/(?:app\/gate|audit)\//.test(path),
    breaks: ['await app.openPersonal([ref])', 'app.openContent(stream, id, hash)'],
    keeps: ['app.openRetained(refs)', 'platform.openContent(caller, input)'],
  },
  {
    law: 'settings are read once, in src/config.ts; only the way to a child process looks at its own environment',
    pattern: /process\.env\b/,
    binds: (path) => path !== 'src/config.ts' && !path.startsWith('src/postgres/embedded/'),
    breaks: ['process.env.PORT'],
    keeps: ['config.port'],
  },
  {
    law: 'no enum, namespace or class but for faults',
    pattern: /^\s*(?:export )?(?:(?:const )?enum |namespace |(?:abstract )?class (?!\w+ extends (?:Fault|Error)\b))/m,
    binds: (path) => path !== 'src/kernel/fault.ts',
    breaks: ['enum A { B }', 'export class Manager {', 'class B extends A {'],
    keeps: ['export class LedgerBusy extends Fault {', 'const classes = 1;', 'export abstract class X extends Fault {'],
  },
];

describe('the sources', () => {
  it('were read', () => {
    expect(PRODUCT.length).toBeGreaterThan(100);
    expect(PRODUCT.map(({ path }) => path)).toContain('src/kernel/canonical.ts');
  });

  it.each(RULES)('$law', ({ pattern, binds, breaks, keeps }) => {
    const bound = PRODUCT.filter(({ path }) => binds(path));
    expect(bound.length).toBeGreaterThan(0);
    expect(found(bound, pattern)).toEqual([]);
    for (const text of breaks) expect(found([{ path: 'x', text }], pattern), text).not.toEqual([]);
    for (const text of keeps) expect(found([{ path: 'x', text }], pattern), text).toEqual([]);
    expect(found([{ path: 'x', text: `/** ${breaks[0]} */\n// ${breaks[0]}` }], pattern)).toEqual([]);
  });

  it('promise nothing for later', () => {
    const later = new RegExp(
      ['TO', 'FIX', 'XX', 'HA'].map((start, i) => `\\b${start}${['DO', 'ME', 'X', 'CK'][i]}\\b`).join('|'),
    );
    const everywhere = [
      ...PRODUCT,
      ...files('docs', '.md'),
      ...files('test', '.ts'),
      ...files('schema', '.sql'),
      ...files('src', '.sql'),
    ];
    expect(everywhere.filter(({ text }) => later.test(text)).map(({ path }) => path)).toEqual([]);
    expect(later.test(['// TO', 'DO: later'].join(''))).toBe(true);
  });

  it('are named in kebab-case, without words that say nothing', () => {
    const names = PRODUCT.map(({ path }) => path);
    expect(names.filter((path) => !/^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*\.ts$/.test(path))).toEqual(
      [],
    );
    expect(
      names.filter((path) => /(?:^|[/-])(?:utils?|helpers?|common|misc|manager|service|impl)(?:[-./])/.test(path)),
    ).toEqual([]);
  });
});

describe('docs/spec', () => {
  const tags = (sources: readonly SourceFile[]): string[] =>
    [
      ...new Set(sources.flatMap(({ text }) => [...text.matchAll(/hrl\/[a-z-]+\/v\d+/g)].map((match) => match[0]))),
    ].sort();

  it('specifies every tag that the code hashes under or writes, and no other', () => {
    const specified = tags(files('docs/spec', '.md'));
    expect(specified.length).toBeGreaterThan(20);
    expect(tags(PRODUCT)).toEqual(specified);
  });

  it('is where the sources say it is', () => {
    const named = [...PRODUCT, ...files('schema', '.sql'), ...files('docs', '.md')].flatMap(({ text }) =>
      [...text.matchAll(/\bdocs\/(?:spec|decisions)\/[a-z0-9-]+\.md/g)].map((match) => match[0]),
    );
    expect(named.length).toBeGreaterThan(10);
    expect([...new Set(named)].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('and every other page link to what is there', () => {
    const pages = [...files('docs', '.md'), ...files('test', '.md'), ...topPages()];
    const broken = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
        .map((match) => match[1] ?? '')
        .filter((link) => !existsSync(join(ROOT, dirname(path), link)))
        .map((link) => `${path}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});

function topPages(): SourceFile[] {
  return readdirSync(ROOT)
    .filter((name) => name.endsWith('.md'))
    .map((name) => ({ path: name, text: readFileSync(join(ROOT, name), 'utf8') }));
}

describe('docs/architecture.md', () => {
  const text = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');

  it('names every rule of imports, and none that is not run', () => {
    const table = text.slice(text.indexOf('| rule |'), text.indexOf('`test/source-rules.test.ts`'));
    const named = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap((match) => [
      ...(match[1] ?? '').matchAll(/`([^`]+)`/g),
    ]);
    expect(named.map((match) => match[1]).sort()).toEqual(FORBIDDEN.map((rule) => rule.name).sort());
  });

  const listed = [...text.matchAll(/^\| `((?:src\/)?[a-z-]+)\/` \|/gm)].map((match) => match[1] ?? '').sort();

  const folders = (within: string): string[] =>
    readdirSync(join(ROOT, within), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .filter((name) => holdsFile(join(ROOT, within, name)));

  /** An empty folder is not in a clone. */
  const holdsFile = (path: string): boolean =>
    readdirSync(path, { withFileTypes: true }).some((entry) =>
      entry.isDirectory() ? holdsFile(join(path, entry.name)) : entry.isFile(),
    );

  it('lists every folder of src, and none that is not there', () => {
    expect(listed.filter((folder) => folder.startsWith('src/'))).toEqual(
      folders('src')
        .map((name) => `src/${name}`)
        .sort(),
    );
  });

  it('lists every folder at the top, and none that is not there', () => {
    const unlisted = ['node_modules', 'data', 'coverage', 'src'];
    expect(listed.filter((folder) => !folder.startsWith('src/'))).toEqual(
      folders('')
        .filter((name) => !unlisted.includes(name))
        .sort(),
    );
  });
});
