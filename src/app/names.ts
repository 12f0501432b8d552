import type { EventId, Id16 } from '../kernel/id.ts';
import type { NameAt } from '../reads/open/parties.ts';
import type { NamedRef } from './api.ts';
import type { App } from './app.ts';

/** Names of organisations and practitioners as they were at a revision of their streams, or, at null, as they are now. */
export interface Names {
  institution(id: Id16, revision: bigint | null): NamedRef;
  practitioner(id: string, revision: bigint | null): NamedRef;
}

/** Whose name, as of when, and, where the asking row knows it, the event that gave it. */
interface NameAsked extends NameAt {
  readonly event?: EventId | null;
}

/**
 * Names that were opened, by the event that gave them. An event never says anything else, and these are of no resident: anybody may ask
 * for them (`institution`, `practitioner`). So an answer need not open them again.
 */
const OPENED = new WeakMap<App['open'], Map<EventId, string>>();
const MAX_OPENED = 50_000;

/** Looks up all names of one answer, in two queries at most. */
export async function namesOf(
  app: App,
  asked: { readonly institutions: readonly NameAsked[]; readonly practitioners: readonly NameAsked[] },
): Promise<Names> {
  const [institutions, practitioners] = await Promise.all([
    lookUp(app, asked.institutions, (list) => app.open.institutionNamesAt(list)),
    lookUp(app, asked.practitioners, (list) => app.open.practitionerNamesAt(list)),
  ]);
  return {
    institution: (id, revision) => ({ id, name: institutions.get(key({ id, revision })) ?? null }),
    practitioner: (id, revision) => ({ id, name: practitioners.get(`${id}#${revision}`) ?? null }),
  };
}

const key = ({ id, revision }: NameAt): string => `${id}#${revision}`;

async function lookUp(
  app: App,
  asked: readonly NameAsked[],
  query: (list: readonly NameAt[]) => ReturnType<App['open']['institutionNamesAt']>,
): Promise<ReadonlyMap<string, string>> {
  const opened = OPENED.get(app.open) ?? new Map<EventId, string>();
  OPENED.set(app.open, opened);
  const names = new Map<string, string>();
  const unknown = new Map<string, NameAt>();
  for (const one of asked) {
    const name = one.event == null ? undefined : opened.get(one.event);
    if (name !== undefined) names.set(key(one), name);
    // A row that names no event was written before its organisation's: there may be one by now.
    else unknown.set(key(one), { id: one.id, revision: one.revision });
  }
  if (unknown.size === 0) return names;
  const found = await query([...unknown.values()]);
  const refs = [...unknown.keys()].flatMap((of, i) => {
    const ref = found[i];
    if (ref === undefined) return [];
    const name = opened.get(ref.id);
    if (name === undefined) return [{ of, ref }];
    names.set(of, name);
    return [];
  });
  const parts = await app.openRetained(refs.map(({ ref }) => ref));
  if (opened.size + parts.length > MAX_OPENED) opened.clear();
  refs.forEach(({ of, ref }, i) => {
    const retained = parts[i];
    if (retained === undefined || retained === 'expired') return;
    const name = retained.name as string;
    names.set(of, name);
    opened.set(ref.id, name);
  });
  return names;
}
