import {
  coerceInputValue,
  type GraphQLSchema,
  isInputType,
  type OperationDefinitionNode,
  typeFromAST,
  valueFromAST,
} from 'graphql';
import { badInput } from './fault.ts';

/**
 * The operation's variables as they will be seen by resolvers. graphql-js would say what is wrong by repeating the value; here only its
 * place and the type are told. Throws BAD_INPUT for the first that does not fit.
 */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const coerced: Record<string, unknown> = {};
  for (const node of operation.variableDefinitions ?? []) {
    const name = node.variable.name.value;
    const type = typeFromAST(schema, node.type);
    // Validation has refused every other type.
    if (!isInputType(type)) continue;
    if (!Object.hasOwn(given, name)) {
      if (node.defaultValue !== undefined) coerced[name] = valueFromAST(node.defaultValue, type);
      else if (node.type.kind === 'NonNullType') throw badInput(`$${name}`, `is missing: ${type} is needed`);
      continue;
    }
    coerced[name] = coerceInputValue(given[name], type, (path, _value, error) => {
      throw badInput(`$${name}${printPath(path)}`, SAFE.test(error.message) ? error.message : 'does not fit its type');
    });
  }
  return coerced;
}

/** The two messages that name the schema's own words only. */
const SAFE =
  /^(?:Expected non-nullable type "[\w![\]]+" not to be null\.|Field "\w+" of required type "[\w![\]]+" was not provided\.)$/;

function printPath(path: ReadonlyArray<string | number>): string {
  return path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
}
