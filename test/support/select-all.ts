import { type GraphQLOutputType, type GraphQLSchema, getNamedType, isObjectType, isUnionType } from 'graphql';

/** A selection of everything that a type has, `__typename` first: what a curious client would write. */
export function selectAll(schema: GraphQLSchema, type: GraphQLOutputType): string {
  const named = getNamedType(type);
  if (isUnionType(named)) {
    const members = named.getTypes().map((member) => `... on ${member.name} ${selectAll(schema, member)}`);
    return `{ __typename ${members.join(' ')} }`;
  }
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields()).map((field) => `${field.name} ${selectAll(schema, field.type)}`);
  return `{ __typename ${fields.join(' ')} }`;
}
