import type { Dice } from './dice.ts';
import type { Harvest } from './harvest.ts';
import { LIMITS } from './published.ts';
import type { KnownActor, Truth } from './truth.ts';

/** Values for the arguments that choose what is read: mostly what could work, often what must not. */

export interface World {
  readonly truth: Truth;
  readonly harvest: Harvest;
  readonly dice: Dice;
  readonly actor: KnownActor;
  /** X-Request-Ids of requests that were sent. */
  readonly traces: readonly string[];
  /** Asks for as much as it can. */
  readonly greedy: boolean;
}

const PURPOSES = [
  'BTG',
  'CAREMGT',
  'CLINTRCH',
  'DSRCH',
  'ETREAT',
  'FAMRQT',
  'HOPERAT',
  'HPAYMT',
  'HRESCH',
  'PATRQT',
  'PUBHLTH',
  'TREAT',
];
const CATEGORIES = [
  'DIAGNOSTIC_REPORT',
  'DISCHARGE_SUMMARY',
  'HEALTH_DOCUMENT',
  'IMAGING',
  'IMMUNISATION',
  'INVOICE',
  'OUTPATIENT',
  'PRESCRIPTION',
  'WELLNESS',
];
const CODE_LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ALIEN_TEXTS = ['', '\0', 'a\0b', '\ud800', 'x'.repeat(1025), '%00', '../..', "' or 1=1 --", '{"r":1}', '​', '𝓐'];

const fullWidth = (text: string): string =>
  text.replace(/[!-~]/g, (c) => String.fromCodePoint(c.charCodeAt(0) + 0xfee0));
const bytes = (dice: Dice, length: number): string =>
  Buffer.from(Array.from({ length }, () => dice.below(256))).toString('base64url');
const id16 = (dice: Dice): string => bytes(dice, 16);

export function anyCode({ truth, dice }: World): string {
  const code = dice.pick(dice.pick(truth.residents).codes).text;
  if (dice.chance(0.86)) return code;
  switch (dice.below(6)) {
    case 0:
      return fullWidth(code);
    case 1:
      return code.toLowerCase();
    case 2:
      return ` ${code}`;
    case 3:
      return dice.pick(ALIEN_TEXTS);
    case 4:
      return dice.pick(truth.residents).label;
    default:
      return Array.from({ length: 32 }, () => dice.pick([...CODE_LETTERS])).join('');
  }
}

export const anyPurpose = ({ dice }: World): string => (dice.chance(0.5) ? 'TREAT' : dice.pick(PURPOSES));

/** Whom to ask about and for what: half of the time somebody who has granted the asker's organisation something. */
export function anyTarget(world: World): { readonly code: string; readonly purpose: string } {
  const { truth, dice, actor } = world;
  const granted = truth.residents.flatMap(({ codes, consents }) =>
    consents
      .filter(({ fate, terms }) => fate === 'granted' && terms.grantee.institution === actor.organisation?.id)
      .map(({ terms }) => ({ code: codes.at(-1)?.text ?? '', terms })),
  );
  if (granted.length === 0 || dice.chance(0.4)) return { code: anyCode(world), purpose: anyPurpose(world) };
  const { code, terms } = dice.pick(granted);
  return { code, purpose: dice.chance(0.8) ? dice.pick(terms.purposes) : anyPurpose(world) };
}

function day(dice: Dice): string {
  return new Date(Date.UTC(2023, 0, 1) + dice.below(1100) * 86_400_000).toISOString().slice(0, 10);
}

function anyPeriod({ dice }: World): { from: string; to: string } {
  if (dice.chance(0.4)) return { from: '1900-01-01', to: '2099-12-31' };
  const [from, to] = [day(dice), day(dice)];
  return from <= to || dice.chance(0.05) ? { from, to } : { from: to, to: from };
}

export function anyFirst({ dice, greedy }: World): number {
  if (greedy) return LIMITS.page;
  if (dice.chance(0.04)) return dice.pick([0, -1, LIMITS.page + 1, 2_147_483_647]);
  return dice.chance(0.1) ? LIMITS.page : 1 + dice.below(dice.chance(0.5) ? 4 : 30);
}

/** What chooses records, and sometimes a cursor: with it the query that it came from, or another one. */
export function anySelection(world: World): Record<string, unknown> {
  const { dice } = world;
  const args: Record<string, unknown> = {};
  if (dice.chance(0.15)) args.index = dice.pick(['EHR', 'EMR']);
  if (dice.chance(0.25))
    args.categories = dice.chance(0.06) ? [] : Array.from({ length: 1 + dice.below(5) }, () => dice.pick(CATEGORIES));
  if (dice.chance(0.2)) args.period = anyPeriod(world);
  if (dice.chance(world.greedy ? 1 : 0.7)) args.first = anyFirst(world);
  return args;
}

const defined = (args: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));

/** A cursor that somebody was given, most often this actor and for such a list. */
export function withCursor(
  world: World,
  read: string,
  args: Record<string, unknown>,
  probability: number,
): Record<string, unknown> {
  const { dice, harvest, actor } = world;
  if (!dice.chance(probability)) return args;
  if (dice.chance(0.1)) return { ...args, after: dice.pick(ALIEN_TEXTS) };
  if (dice.chance(0.1) && harvest.ids.length > 0) return { ...args, after: dice.pick(harvest.ids).token };
  const fitting = harvest.cursors.filter(
    ({ given }) => given.actor === actor.id && given.binding.startsWith(`${read} `),
  );
  const from = dice.chance(0.7) && fitting.length > 0 ? fitting : harvest.cursors;
  if (from.length === 0) return args;
  const { token, given } = dice.pick(from);
  if (!dice.chance(0.75) || !given.binding.startsWith(`${read} `)) return { ...args, after: token };
  const { code, purpose, first } = args;
  return { ...defined({ code, purpose, first }), ...given.args, after: token };
}

/** The id of a record that somebody was given; `of` is the resident whom it is to be, most often. */
export function anyRecordId(world: World, of: string | undefined): string {
  const { dice, harvest, actor } = world;
  if (dice.chance(0.05)) return dice.pick(ALIEN_TEXTS);
  if (dice.chance(0.05) && harvest.cursors.length > 0) return dice.pick(harvest.cursors).token;
  if (dice.chance(0.03)) return id16(dice);
  const own = harvest.ids.filter(({ given }) => given.actor === actor.id);
  const fitting = (dice.chance(0.7) && own.length > 0 ? own : harvest.ids).filter(
    ({ given }) => of === undefined || given.record.startsWith(`${of}.`),
  );
  const from = fitting.length > 0 && dice.chance(0.8) ? fitting : harvest.ids;
  return from.length === 0 ? id16(dice) : dice.pick(from).token;
}

export function anyTrailFilter(world: World): Record<string, unknown> {
  const { truth, dice, traces } = world;
  const filter: Record<string, unknown> = {};
  const some = (): string => dice.pick([...truth.doctors, ...truth.hospitals]).id;
  if (dice.chance(0.4)) filter.code = anyCode(world);
  if (dice.chance(0.25))
    filter.person = dice.chance(0.8) ? dice.pick(truth.actors).id : dice.pick([some(), id16(dice), 'x']);
  if (dice.chance(0.2))
    filter.organisation = dice.chance(0.85) ? dice.pick(truth.hospitals).id : dice.pick([some(), id16(dice), 'x']);
  if (dice.chance(0.2)) filter.purpose = anyPurpose(world);
  if (dice.chance(0.15) && traces.length > 0)
    filter.trace = dice.chance(0.9) ? dice.pick(traces) : dice.pick(['short', 'with space here']);
  return { ...filter, ...anyInstants(world) };
}

export function anyInstants({ dice }: World): Record<string, unknown> {
  const instant = (): string => new Date(Date.now() - dice.below(120_000) + dice.below(20_000)).toISOString();
  return {
    ...(dice.chance(0.1) ? { from: instant() } : {}),
    ...(dice.chance(0.1) ? { until: instant() } : {}),
  };
}

export function anyParty(world: World, kind: 'institution' | 'practitioner'): Record<string, unknown> {
  const { truth, dice } = world;
  const known = dice.pick<{ id: string; key: { system: string; number: string } }>(
    kind === 'institution' ? truth.hospitals : truth.doctors,
  );
  if (dice.chance(0.08))
    return dice.pick<Record<string, unknown>>([{}, { id: known.id, identifier: known.key }, { id: '' }]);
  if (dice.chance(0.5))
    return { id: dice.chance(0.85) ? known.id : dice.pick([id16(dice), 'x', dice.pick(truth.residents).label]) };
  const number = dice.chance(0.7)
    ? known.key.number
    : dice.pick([fullWidth(known.key.number), 'none', dice.pick(truth.residents).profile.documents[0]?.number ?? '']);
  return { identifier: { system: known.key.system, number } };
}

/** Something to tell the platform that must be refused: by the role, or because it names what is not there or not this actor's. */
export function anyCommand(world: World, command: string, may: boolean): Record<string, unknown> | undefined {
  const { truth, dice, actor } = world;
  const code = dice.pick(dice.pick(truth.residents).codes).text;
  const others = truth.residents.filter((one) => one !== actor.resident).flatMap((one) => one.consents);
  const consentId = dice.chance(0.8) && others.length > 0 ? dice.pick(others).id : id16(dice);
  if (may && (actor.resident === undefined || actor.resident.dead)) return undefined;
  switch (command) {
    case 'revokeConsent':
    case 'denyConsent':
      return { consentId };
    case 'grantConsent': {
      const soon = new Date(Date.now() + 3_600_000).toISOString();
      const terms = dice.pick(others.filter((one) => one.terms.validUntil > soon)).terms;
      const evidence = {
        noticeHash: bytes(dice, 32),
        noticeVersion: '1',
        language: 'zh-CN',
        channel: '0402',
        authentication: 'FACE',
      };
      return { terms, evidence, ...(may || dice.chance(0.5) ? { consentId } : {}) };
    }
    case 'suspendCode':
      return may ? undefined : { code, reason: 'OFFICE' };
    case 'resumeCode':
      return may ? undefined : { code };
    case 'closeCode':
      return may ? undefined : { code, reason: 'OFFICE' };
    case 'reportDeath':
      return may ? undefined : { code };
    case 'issueCode':
      return may ? undefined : { documents: dice.pick(truth.residents).profile.documents };
    case 'endPractitioner':
      return may ? undefined : { id: dice.pick(truth.doctors).id, reason: 'attack' };
    case 'endInstitution':
      return may ? undefined : { id: dice.pick(truth.hospitals).id, reason: 'attack' };
    case 'withdrawRecord': {
      const record = dice.pick(truth.residents.flatMap(({ records }) => records));
      const { system: sourceSystem, type, id: sourceId } = record.source;
      return may ? undefined : { code, sourceSystem, type, sourceId, reason: 'CUSTODIAN' };
    }
    default:
      return undefined;
  }
}
