import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  Kind,
  Lexer,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  Source,
  TokenKind,
  validate,
} from 'graphql';
import { COSTS, LIMITS } from './published.ts';
import type { Args } from './reference-arguments.ts';

/** What is refused before anything runs, by the published limits and the GraphQL specification: the code, or nothing. */

export type Early =
  | { readonly code: 'LIMIT'; readonly limit: 'size' | 'shape' | 'cost' }
  | { readonly code: 'BAD_INPUT' }
  | { readonly code: undefined; readonly document: DocumentNode; readonly cost: number };

/** A field as often as it stands in the operation, with every fragment written out. */
interface Occurrence {
  readonly node: FieldNode;
  readonly depth: number;
  readonly of: 'Query' | 'Mutation' | 'Me' | undefined;
}

export function early(schema: GraphQLSchema, text: string, operationName: string | undefined, variables: Args): Early {
  if (text.length > LIMITS.letters || tokensOf(text) > LIMITS.tokens) return { code: 'LIMIT', limit: 'size' };
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch {
    return { code: 'BAD_INPUT' };
  }
  const operations = document.definitions.filter(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  );
  const operation =
    operationName === undefined ? operations[0] : operations.find(({ name }) => name?.value === operationName);
  if (operation === undefined || (operationName === undefined && operations.length > 1)) return { code: 'BAD_INPUT' };
  const fragments = new Map(
    document.definitions
      .filter((node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, node]),
  );
  const written = writtenOut(operation, fragments);
  if (
    Math.max(0, ...written.fields.map(({ depth }) => depth)) > LIMITS.depth ||
    written.fields.filter(({ node }) => node.alias !== undefined).length > LIMITS.aliases ||
    written.directives > LIMITS.directives
  )
    return { code: 'LIMIT', limit: 'shape' };
  if (validate(schema, document).length > 0) return { code: 'BAD_INPUT' };
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (errors !== undefined || coerced === undefined) return { code: 'BAD_INPUT' };
  const cost = written.fields.reduce((sum, occurrence) => sum + costOf(schema, occurrence, coerced), 0);
  return cost > LIMITS.cost ? { code: 'LIMIT', limit: 'cost' } : { code: undefined, document, cost };
}

function tokensOf(text: string): number {
  const lexer = new Lexer(new Source(text));
  let count = 0;
  try {
    while (lexer.advance().kind !== TokenKind.EOF) count += 1;
  } catch {
    // A letter that is no token: what stood before it counts.
  }
  return count;
}

function writtenOut(operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const fields: Occurrence[] = [];
  let directives = operation.directives?.length ?? 0;
  const walk = (
    set: SelectionSetNode | undefined,
    depth: number,
    of: Occurrence['of'],
    within: readonly string[],
  ): void => {
    for (const node of set?.selections ?? []) {
      directives += node.directives?.length ?? 0;
      if (node.kind === Kind.FIELD) {
        fields.push({ node, depth, of });
        walk(node.selectionSet, depth + 1, of === 'Query' && node.name.value === 'me' ? 'Me' : undefined, within);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        walk(node.selectionSet, depth, of, within);
      } else {
        const { value: name } = node.name;
        const fragment = fragments.get(name);
        if (fragment === undefined || within.includes(name)) continue;
        directives += fragment.directives?.length ?? 0;
        walk(fragment.selectionSet, depth, of, [...within, name]);
      }
    }
  };
  walk(operation.selectionSet, 1, operation.operation === 'mutation' ? 'Mutation' : 'Query', []);
  return { fields, directives };
}

const PAGES = ['records', 'accessLog', 'trail', 'consents', 'consentRequests'];
const OPEN = ['institution', 'practitioner', 'policy', 'consents', 'consentRequests', 'codes'];

/** The table of costs, field by field; skipped fields count too. */
function costOf(schema: GraphQLSchema, { node, of }: Occurrence, variables: Args): number {
  const field = of === undefined ? undefined : schema.getType(of);
  const name = node.name.value;
  if (field === undefined || field === null || !('getFields' in field) || name === 'me' || name.startsWith('__'))
    return 0;
  if (of === 'Mutation') return COSTS.command;
  const definition = field.getFields()[name];
  if (definition === undefined || !('args' in definition)) return 0;
  const args = getArgumentValues(definition, node, variables);
  const first = typeof args.first === 'number' ? Math.max(0, args.first) : 20;
  if (name === 'recordsOfSeveral') return (args.codes as string[]).length * (COSTS.logged + first);
  return (OPEN.includes(name) ? COSTS.open : COSTS.logged) + (PAGES.includes(name) ? first : 0);
}
