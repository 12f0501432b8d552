import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { ROLES } from '../app/roles.ts';
import { ACTOR_KINDS } from '../kernel/event.ts';
import type { Context } from './context.ts';
import { EXPOSURE } from './exposure.ts';
import { operationOf } from './operation.ts';

/** Types whose fields call the platform. */
const CALLING_TYPES = ['Query', 'Mutation', 'Me'] as const;
/** Fields that read nothing: they only group others. */
export const NAMESPACES: ReadonlySet<string> = new Set(['Query.me']);

export interface NamedField {
  readonly name: string;
  readonly field: GraphQLField<unknown, Context>;
}

function fieldsOf(type: GraphQLNamedType): NamedField[] {
  if (!isObjectType(type)) return [];
  return Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, field }));
}

/** Every field of Query, Mutation and Me. */
export function rootFields(schema: GraphQLSchema): NamedField[] {
  return CALLING_TYPES.flatMap((name) => fieldsOf(typeNamed(schema, name)));
}

/**
 * What no reviewer has to remember; a schema that breaks it does not start. Every field that calls the platform declares an operation
 * with roles, and every operation has a field. Fields below take no argument and call nothing. Every object type is open or gated, and a
 * gated one is reached only through a field that appends first.
 */
export function checkSchema(schema: GraphQLSchema): void {
  const used = new Set<string>();
  for (const { name, field } of rootFields(schema)) {
    if (NAMESPACES.has(name)) {
      if (field.args.length > 0) throw new Error(`${name} groups fields and takes no argument`);
      continue;
    }
    const declared = operationOf(field);
    if (declared === undefined) throw new Error(`${name} declares no operation`);
    if (!Object.hasOwn(ROLES, declared.operation)) throw new Error(`${name}: ${declared.operation} has no roles`);
    used.add(declared.operation);
    const answersRefusals = hasRefusal(getNamedType(field.type));
    if (!answersRefusals && ROLES[declared.operation].length < ACTOR_KINDS.length) {
      throw new Error(`${name} cannot say to a role that it is not permitted`);
    }
    if (name.startsWith('Mutation.') !== (declared.kind === 'command'))
      throw new Error(`${name} is no ${declared.kind}`);
    const args = field.args.map((arg) => arg.name).sort();
    if (declared.kind === 'command' && args.join(',') !== 'input,requestId')
      throw new Error(`${name} takes not (requestId, input)`);
  }
  for (const operation of Object.keys(ROLES)) {
    if (!used.has(operation)) throw new Error(`no field calls ${operation}`);
  }
  checkRefusalFields(schema);
  for (const type of objectTypes(schema)) {
    if (!Object.hasOwn(EXPOSURE, type.name)) throw new Error(`${type.name} is neither open nor gated`);
    for (const { name, field } of fieldsOf(type)) checkField(type, name, field);
  }
}

export function objectTypes(schema: GraphQLSchema): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('__'));
}

function checkField(type: GraphQLNamedType, name: string, field: GraphQLField<unknown, Context>): void {
  const calls = CALLING_TYPES.some((calling) => calling === type.name);
  const declared = operationOf(field);
  if (!calls && (field.args.length > 0 || declared !== undefined)) {
    throw new Error(`${name} takes arguments or calls the platform: only fields of ${CALLING_TYPES.join(', ')} may`);
  }
  const appends = declared?.kind === 'gated' || declared?.kind === 'command';
  for (const reached of members(getNamedType(field.type))) {
    if (EXPOSURE[reached.name] === 'gated' && EXPOSURE[type.name] !== 'gated' && !appends) {
      throw new Error(`${name} reaches ${reached.name}, which is gated, without an event`);
    }
  }
}

/** A document asks for the refusal beside the success: a field that both have under different types would make it invalid. */
function checkRefusalFields(schema: GraphQLSchema): void {
  const refusal = new Map(fieldsOf(typeNamed(schema, 'Refusal')).map(({ field }) => [field.name, String(field.type)]));
  for (const union of Object.values(schema.getTypeMap()).filter((type) => isUnionType(type))) {
    for (const { name, field } of union.getTypes().flatMap(fieldsOf)) {
      const other = refusal.get(field.name);
      if (other !== undefined && other !== String(field.type))
        throw new Error(`${name} clashes with Refusal.${field.name}`);
    }
  }
}

function typeNamed(schema: GraphQLSchema, name: string): GraphQLNamedType {
  const type = schema.getType(name);
  if (type === undefined) throw new Error(`there is no type ${name}`);
  return type;
}

const members = (type: GraphQLNamedType): readonly GraphQLNamedType[] => (isUnionType(type) ? type.getTypes() : [type]);

/** Also through a list of answers of its own, as in RecordsOfCode. */
function hasRefusal(type: GraphQLNamedType): boolean {
  if (isUnionType(type)) return type.getTypes().some((member) => member.name === 'Refusal');
  return fieldsOf(type).some(({ field }) => {
    const below = getNamedType(field.type);
    return isUnionType(below) && hasRefusal(below);
  });
}
