import type { Id16 } from '../kernel/id.ts';
import type { NameAt } from '../reads/open/parties.ts';
import type { NamedRef } from './api.ts';
import type { App } from './app.ts';

/** Names of organisations and practitioners as they were at a revision of their streams, or, at null, as they are now. */
export interface Names {
  institution(id: Id16, revision: bigint | null): NamedRef;
  practitioner(id: string, revision: bigint | null): NamedRef;
}

/** Looks up all names of one answer in two queries; each is opened once, however often it is asked. */
export async function namesOf(
  app: App,
  asked: { readonly institutions: readonly NameAt[]; readonly practitioners: readonly NameAt[] },
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
  asked: readonly NameAt[],
  query: (list: readonly NameAt[]) => ReturnType<App['open']['institutionNamesAt']>,
): Promise<Map<string, string>> {
  const unique = [...new Map(asked.map((one) => [key(one), one])).values()];
  const found = await query(unique);
  const refs = found.flatMap((ref, i) => (ref === undefined ? [] : [{ ref, of: key(unique[i] as NameAt) }]));
  const opened = await app.openRetained(refs.map(({ ref }) => ref));
  return new Map(
    refs.flatMap(({ of }, i) => {
      const retained = opened[i];
      return retained === undefined || retained === 'expired' ? [] : [[of, retained.name as string] as const];
    }),
  );
}
