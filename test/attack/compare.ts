import type { Reply } from '../support/api.ts';
import type { Expected } from './expected.ts';
import type { Given } from './harvest.ts';
import { markersIn } from './markers.ts';
import { type KnownActor, residentOfCode, type Truth } from './truth.ts';

/** Where an answer is not what the oracle expects; `leak` where it holds what the asker may not see. */
export interface Finding {
  readonly kind: 'leak' | 'difference' | 'status' | 'event' | 'limit' | 'slow';
  readonly what: string;
}

/** What an answer that is as expected has given out, to be used again. */
export interface Found {
  readonly findings: readonly Finding[];
  readonly given: readonly { readonly token: string; readonly given: Given }[];
  readonly eventIds: readonly string[];
  /** The parts of the answer that are trails, by path. */
  readonly trails: ReadonlyMap<string, unknown>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The answer, byte for byte, beside what was expected of it. */
export function compareAnswer(
  truth: Truth,
  actor: KnownActor | undefined,
  asked: string,
  expected: Expected,
  reply: Reply,
): Found {
  const findings: Finding[] = [...leaksIn(truth, actor, asked, expected, reply.text)];
  const given: { token: string; given: Given }[] = [];
  const eventIds: string[] = [];
  const trails = new Map<string, unknown>();
  const trailPaths = new Set(expected.trails.map(({ path }) => path));
  if (reply.status >= 500) findings.push({ kind: 'status', what: `${reply.status}` });
  if (reply.status !== expected.status)
    findings.push({ kind: 'difference', what: `status ${reply.status}, not ${expected.status}` });
  // What is refused as a whole may be told at several places.
  const told = reply.errors.map(
    ({ path, extensions }) => `${path === undefined ? '' : `${path.join('.')}: `}${extensions.code}`,
  );
  const errors = reply.data === undefined ? [...new Set(told)] : told.sort();
  if (errors.join('\n') !== [...expected.errors].sort().join('\n'))
    findings.push({ kind: 'difference', what: `errors [${errors}], not [${expected.errors}]` });

  const differ = (path: string, what: string): void => {
    findings.push({ kind: 'difference', what: `${path}: ${what}` });
  };
  /** What stands in the place of a mark. */
  const take = (mark: string, shown: unknown, path: string): void => {
    if (typeof shown !== 'string' || shown === '') return void differ(path, 'not a text');
    const [, kind, rest = ''] = /^§(\w+) ?(.*)$/s.exec(mark) ?? [];
    const owner = actor?.id ?? '';
    if (kind === 'id') given.push({ token: shown, given: { kind: 'record', actor: owner, record: rest } });
    else if (kind === 'cursor') given.push({ token: shown, given: { kind, actor: owner, ...JSON.parse(rest) } });
    else if (UUID.test(shown)) eventIds.push(shown);
    else differ(path, 'not the id of an event');
  };
  const walk = (wanted: unknown, shown: unknown, path: string): void => {
    if (trailPaths.has(path) && wanted !== null) {
      trails.set(path, shown);
    } else if (typeof wanted === 'string' && wanted.startsWith('§')) {
      take(wanted, shown, path);
    } else if (Array.isArray(wanted)) {
      const rows = Array.isArray(shown) ? shown : [];
      if (rows.length !== wanted.length || !Array.isArray(shown))
        differ(path, `${rows.length} rows, not ${wanted.length}`);
      else for (const [i, item] of wanted.entries()) walk(item, rows[i], join(path, i));
    } else if (typeof wanted === 'object' && wanted !== null) {
      if (typeof shown !== 'object' || shown === null) differ(path, `${JSON.stringify(shown)}, not an object`);
      else members(wanted, shown, path);
    } else if (wanted !== shown) {
      differ(path, `${JSON.stringify(shown)}, not ${JSON.stringify(wanted)}`);
    }
  };
  const members = (wanted: object, shown: object, path: string): void => {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(shown)])) {
      const at = join(path, key);
      if (Object.hasOwn(wanted, key) && Object.hasOwn(shown, key)) walk(wanted[key as never], shown[key as never], at);
      else differ(at, 'is there in one of the two only');
    }
  };
  if (expected.data !== undefined || reply.data !== undefined) walk(expected.data, reply.data, '');
  return { findings, given, eventIds, trails };
}

const join = (path: string, key: string | number): string => (path === '' ? `${key}` : `${path}.${key}`);

const CODE = /[0-9A-HJKMNP-TV-Z]{32}/g;
const LABEL = /[A-Za-z0-9_-]{43}/g;

/** Markers, health codes and labels of residents that stand in the bytes and in nothing that is expected, or was sent by the asker. */
function* leaksIn(
  truth: Truth,
  actor: KnownActor | undefined,
  asked: string,
  expected: Expected,
  text: string,
): Generator<Finding> {
  const due = JSON.stringify(expected.data ?? null);
  const wanted = markersIn(due);
  for (const marker of markersIn(text)) {
    if (truth.planted.has(marker) && !wanted.has(marker)) yield { kind: 'leak', what: `marker ${marker}` };
  }
  for (const [code] of text.matchAll(CODE)) {
    const whose = residentOfCode(truth, code);
    if (whose !== undefined && !due.includes(code) && !asked.includes(code))
      yield { kind: 'leak', what: `a code of ${whose.name}` };
  }
  // Trails name residents who asked by their labels: to the regulator, and to whom the trail is about.
  if (actor?.role === 'regulator') return;
  for (const [label] of text.matchAll(LABEL)) {
    const whose = truth.residents.find((one) => one.label === label);
    if (whose !== undefined && whose !== actor?.resident && !asked.includes(label))
      yield { kind: 'leak', what: `the label of ${whose.name}` };
  }
}
