import type { Permitted } from '../../domain/access/decide-access.ts';
import { toBase64Url } from '../../kernel/base64.ts';
import type { Suite } from '../../kernel/suite.ts';
import { merkleRoot } from '../../ledger/merkle-root.ts';
import type { Case, KnownOf } from './append.ts';
import type { Flaw } from './difference.ts';

/** What a permitted access says of what it served, as far as its retained part can be held against the decision. */
export function checkServedCounts(
  { suite, note }: Case,
  { retained }: KnownOf<'access.permitted@1'>,
  { scopes }: Permitted,
): readonly Flaw[] {
  const { selection, served } = retained;
  const { count, matched, categories, root } = served;
  const wrong = (recorded: string, follows: string): readonly Flaw[] => [{ kind: 'served', recorded, follows }];
  if ((count === 0) !== (root === emptyRoot(suite))) return wrong('served root', 'the root of as many items');
  if (count > matched) return wrong('served count', 'no more than matched');
  if (categories.length > count || (count > 0 && categories.length === 0)) {
    return wrong('served categories', 'those of as many items');
  }
  switch (selection.what) {
    case 'records':
    case 'content': {
      note('served-set');
      const covered = categories.every((one) => scopes.some((scope) => scope.categories.includes(one)));
      if (!covered) return wrong('served categories', 'categories that the decision covers');
      if (scopes.length === 0 && matched > 0) return wrong('served matched', 'nothing, as nothing is covered');
      // Content is of one record that was named; of records a page is full while more match.
      const [page, first] = selection.what === 'content' ? [1, 1] : [selection.page ?? 1, selection.first ?? 0];
      const due = page === 1 ? Math.min(first, matched) : undefined;
      if (selection.what === 'content' && matched !== 1)
        return wrong('served matched', 'the one record that was named');
      if (due === undefined ? count > first : count !== due) return wrong('served count', 'a page of what matched');
      return [];
    }
    default:
      return matched === 0 ? [] : wrong('served matched', 'nothing, as this is no record');
  }
}

const EMPTY = new WeakMap<Suite, string>();

/** The root of a set of nothing is the same whatever the salt. */
function emptyRoot(suite: Suite): string {
  const known = EMPTY.get(suite) ?? toBase64Url(merkleRoot(suite, []));
  EMPTY.set(suite, known);
  return known;
}
