import { createHash } from 'node:crypto';
import { AN_EVENT, type Asking, aCursor, anId, bindingOf, type ExpectedEvent } from './expected.ts';
import { type Choice, isLiveCode, mayVerify, recordsFor } from './lawful.ts';
import { LIMITS, MESSAGES } from './published.ts';
import { BadInput, checkArguments } from './reference-arguments.ts';
import { type KnownRecord, type KnownResident, residentOfCode, type Truth } from './truth.ts';

/** The reads of clinical and personal data, as the reference answers them. */

export const DEFAULT_FIRST = 20;

export function refusal(code: string): object {
  return { __typename: 'Refusal', code, message: MESSAGES.get(code) };
}
const NOT_AVAILABLE = (): object => refusal('NOT_AVAILABLE');

export const residentStream = ({ label }: Pick<KnownResident, 'label'>): string => `resident/${label}`;

/** The account of the asker: what is about nobody stands there. */
export function ownStream({ actor }: Asking): string {
  if (actor.resident !== undefined) return residentStream(actor.resident);
  return actor.doctor === undefined ? `institution/${actor.organisation?.id}` : `practitioner/${actor.id}`;
}

export function leave(
  asking: Asking,
  type: ExpectedEvent['type'],
  stream: string,
  purpose: string | null,
  served?: ExpectedEvent['served'],
): void {
  asking.events.push({ type, stream, actor: asking.actor, purpose, ...(served === undefined ? {} : { served }) });
}

/** Codes are found by their compatibility form (full-width letters are plain ones), and used exactly as they were issued. */
export const behind = (truth: Truth, code: string): KnownResident | undefined =>
  residentOfCode(truth, code.normalize('NFKC'));

export interface RecordArgs extends Choice {
  readonly code?: string;
  readonly purpose: string;
  readonly first?: number;
  readonly after?: string;
}

const set = (values: readonly string[] | undefined): string[] | undefined => values && [...new Set(values)].sort();

export function records(asking: Asking, { first = DEFAULT_FIRST, after, ...asked }: RecordArgs): object {
  const { truth, harvest, actor, now } = asking;
  const { code, purpose } = asked;
  const resident = code === undefined ? actor.resident : behind(truth, code);
  if (resident === undefined) {
    leave(asking, 'access.missed', ownStream(asking), purpose);
    return NOT_AVAILABLE();
  }
  const choice = { index: asked.index, categories: set(asked.categories), period: asked.period };
  const binding = bindingOf('records', { ...choice, code, purpose });
  const cursor = after === undefined ? undefined : harvest.of(after);
  const fits =
    after === undefined || (cursor?.kind === 'cursor' && cursor.actor === actor.id && cursor.binding === binding);
  const found = recordsFor(truth, actor, asked, now);
  if (found === undefined || !fits) {
    leave(asking, 'access.denied', residentStream(resident), purpose);
    return NOT_AVAILABLE();
  }
  const rest = cursor?.kind === 'cursor' ? found.filter(({ period }) => period.to < cursor.position) : found;
  const page = rest.slice(0, first);
  leave(asking, 'access.permitted', residentStream(resident), purpose, { count: page.length, matched: found.length });
  const args = { ...asked };
  const cursors = page.map(({ period }) => aCursor(binding, period.to, args));
  return {
    __typename: 'RecordConnection',
    event: AN_EVENT,
    totalCount: found.length,
    pageInfo: {
      hasNextPage: rest.length > page.length,
      hasPreviousPage: after !== undefined,
      startCursor: cursors[0] ?? null,
      endCursor: cursors.at(-1) ?? null,
    },
    edges: page.map((record, i) => ({ cursor: cursors[i], node: node(record) })),
  };
}

function node(record: KnownRecord): object {
  const { custodian, author } = record;
  return {
    id: anId(record.name),
    index: record.index,
    category: record.category,
    custodian: { id: custodian.id, name: custodian.name },
    author: author && { id: author.id, name: author.name },
    period: record.period,
    type: record.source.type,
    code: record.code,
    title: record.title,
    at: record.at,
    sensitivities: record.sensitivities,
    confidentiality: record.confidentiality,
    contentType: record.mediaType,
    contentSize: Buffer.byteLength(record.content),
  };
}

/** Each code is decided, logged and answered by itself, whether or not its answer is asked for. */
export function several(
  asking: Asking,
  { codes, ...rest }: Omit<RecordArgs, 'code'> & { readonly codes: readonly string[] },
): object[] {
  if (codes.length < 1 || codes.length > LIMITS.codes) throw new BadInput();
  return codes.map((code) => {
    if (asking.actor.role !== 'practitioner') return { code, result: refusal('NOT_PERMITTED') };
    try {
      checkArguments({ code, ...rest });
    } catch (error) {
      const fails = (): never => {
        throw error;
      };
      return { code, result: fails };
    }
    return { code, result: records(asking, { code, ...rest }) };
  });
}

export function content(
  asking: Asking,
  asked: { readonly code?: string; readonly purpose: string; readonly record: string },
): object {
  const { truth, harvest, actor, now } = asking;
  const { code, purpose } = asked;
  const resident = code === undefined ? actor.resident : behind(truth, code);
  if (resident === undefined) {
    leave(asking, 'access.missed', ownStream(asking), purpose);
    return NOT_AVAILABLE();
  }
  const given = harvest.of(asked.record);
  const named = given?.kind === 'record' && given.actor === actor.id ? given.record : undefined;
  const record = recordsFor(truth, actor, { purpose, ...(code === undefined ? {} : { code }) }, now)?.find(
    ({ name }) => name === named,
  );
  if (record === undefined) {
    leave(asking, 'access.denied', residentStream(resident), purpose);
    return NOT_AVAILABLE();
  }
  leave(asking, 'access.permitted', residentStream(resident), purpose, { count: 1, matched: 1 });
  const hash = createHash('sha256').update(record.content).digest('base64url');
  return { __typename: 'Content', event: AN_EVENT, mediaType: record.mediaType, text: record.content, hash };
}

export function profile(asking: Asking): object {
  const own = asking.actor.resident as KnownResident;
  if (own.dead) {
    leave(asking, 'access.denied', residentStream(own), 'PATRQT');
    return NOT_AVAILABLE();
  }
  leave(asking, 'access.permitted', residentStream(own), 'PATRQT', { count: 0, matched: 0 });
  return { __typename: 'Profile', event: AN_EVENT, ...own.profile };
}

export function verification(asking: Asking, code: string, purpose: string): object {
  const resident = behind(asking.truth, code);
  if (resident === undefined) {
    leave(asking, 'access.missed', ownStream(asking), purpose);
    return NOT_AVAILABLE();
  }
  if (!isLiveCode(asking.truth, code) || !mayVerify(asking.truth, asking.actor, code, purpose)) {
    leave(asking, 'access.denied', residentStream(resident), purpose);
    return NOT_AVAILABLE();
  }
  leave(asking, 'access.permitted', residentStream(resident), purpose, { count: 0, matched: 0 });
  return { __typename: 'CodeVerification', live: true };
}
