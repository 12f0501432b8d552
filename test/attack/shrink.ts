import { type ASTNode, type DocumentNode, type GraphQLSchema, Kind, parse, print, validate, visit } from 'graphql';
import type { Asked } from './documents.ts';

/** So many requests at most: each look at a smaller document is one. */
const MAX_TRIES = 150;

/** The smallest document, by leaving out parts of it, that still fails; it stays valid where it was. */
export async function shrunk(
  schema: GraphQLSchema,
  asked: Asked,
  fails: (smaller: Asked) => Promise<boolean>,
): Promise<Asked> {
  let tries = 0;
  let document: DocumentNode;
  try {
    document = parse(asked.query);
  } catch {
    return asked;
  }
  const valid = validate(schema, document).length === 0;
  let smallest = asked;
  for (let n = 0; tries < MAX_TRIES; ) {
    const smaller = leftOut(document, n);
    if (smaller === undefined) return smallest;
    const tidy = tidied(smaller);
    if (valid && validate(schema, tidy).length > 0) {
      n += 1;
      continue;
    }
    tries += 1;
    const candidate = { ...asked, query: print(tidy) };
    if (await fails(candidate)) {
      document = tidy;
      smallest = candidate;
      // What stood behind it has moved up to its number.
    } else n += 1;
  }
  return smallest;
}

const REMOVABLE: readonly string[] = [
  Kind.FIELD,
  Kind.INLINE_FRAGMENT,
  Kind.FRAGMENT_SPREAD,
  Kind.ARGUMENT,
  Kind.DIRECTIVE,
  Kind.OPERATION_DEFINITION,
];

/** The document without its n-th part; undefined when it has fewer. */
function leftOut(document: DocumentNode, n: number): DocumentNode | undefined {
  let seen = 0;
  let found = false;
  const smaller = visit(document, {
    enter(node) {
      if (!REMOVABLE.includes(node.kind)) return undefined;
      if (seen++ !== n) return undefined;
      found = true;
      return null;
    },
  });
  return found ? smaller : undefined;
}

/** Without fragments that nothing spreads and variables that nothing uses. */
function tidied(document: DocumentNode): DocumentNode {
  let kept = document;
  for (;;) {
    const spreads = namesOf(kept, Kind.FRAGMENT_SPREAD);
    const definitions = kept.definitions.filter(
      (node) => node.kind !== Kind.FRAGMENT_DEFINITION || spreads.has(node.name.value),
    );
    if (definitions.length === kept.definitions.length) break;
    kept = { ...kept, definitions };
  }
  const used = namesOf(visit(kept, { VariableDefinition: () => null }), Kind.VARIABLE);
  return visit(kept, { VariableDefinition: (node) => (used.has(node.variable.name.value) ? undefined : null) });
}

function namesOf(document: DocumentNode, kind: Kind.FRAGMENT_SPREAD | Kind.VARIABLE): Set<string> {
  const names = new Set<string>();
  visit(document, {
    enter(node: ASTNode) {
      if (node.kind === kind && 'name' in node && node.name?.kind === Kind.NAME) names.add(node.name.value);
    },
  });
  return names;
}
