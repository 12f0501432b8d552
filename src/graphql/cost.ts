import {
  type DocumentNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { DEFAULT_PAGE } from '../app/input.ts';
import { fragmentsOf } from './document-limits.ts';
import { overLimit } from './fault.ts';
import { callsOf, type OperationField, operationOf } from './operation.ts';

/** A request may ask for as much as five full pages, or for one page of each of 20 codes and a good deal more. */
export const MAX_COST = 1_200;
/** One call of each kind, in points. An append and what must be read for it is the unit that everything else is compared with. */
export const COSTS: { readonly [K in OperationField['kind']]: number } = { command: 20, gated: 10, open: 2 };

type Args = Readonly<Record<string, unknown>>;

/** calls × (cost of the kind + `first` of a page). Fields below are free: what they show is opened already. */
export function costOf(declared: OperationField, args: Args): number {
  const first = typeof args.first === 'number' ? Math.max(0, args.first) : DEFAULT_PAGE;
  return callsOf(declared, args) * (COSTS[declared.kind] + (declared.paged ? first : 0));
}

/** Adds up a validated operation with its coerced variables, skipped fields included. Throws LIMIT. */
export function checkCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Args,
): void {
  const fragments = fragmentsOf(document);
  const known = new Map<string, number>();

  const ofField = (
    type: GraphQLObjectType,
    node: Parameters<typeof getArgumentValues>[1] & { kind: Kind.FIELD },
  ): number => {
    const field = type.getFields()[node.name.value];
    if (field === undefined) return 0;
    const declared = operationOf(field);
    if (declared !== undefined) return costOf(declared, getArgumentValues(field, node, variables));
    const below = getNamedType(field.type);
    return isObjectType(below) ? ofSelections(below, node.selectionSet) : 0;
  };

  const ofSelections = (type: GraphQLObjectType, set: SelectionSetNode | undefined): number => {
    let sum = 0;
    for (const node of set?.selections ?? []) {
      switch (node.kind) {
        case Kind.FIELD:
          sum += ofField(type, node);
          break;
        case Kind.INLINE_FRAGMENT:
          sum += ofSelections(type, node.selectionSet);
          break;
        case Kind.FRAGMENT_SPREAD: {
          const name = node.name.value;
          const cost = known.get(name) ?? ofSelections(type, fragments.get(name)?.selectionSet);
          known.set(name, cost);
          sum += cost;
          break;
        }
      }
    }
    return sum;
  };

  const root = schema.getRootType(operation.operation);
  const cost = root === undefined || root === null ? 0 : ofSelections(root, operation.selectionSet);
  if (cost > MAX_COST)
    throw overLimit(`the request costs ${cost} points, and ${MAX_COST} are allowed: ask for less at once`);
}
