import {
  astFromValue,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  print,
} from 'graphql';
import {
  anyCode,
  anyCommand,
  anyFirst,
  anyInstants,
  anyParty,
  anyPurpose,
  anyRecordId,
  anySelection,
  anyTarget,
  anyTrailFilter,
  type World,
  withCursor,
} from './choices.ts';
import { LIMITS } from './published.ts';
import { mayCall } from './reference.ts';
import { residentOfCode } from './truth.ts';

/** A request, as it goes over the wire. */
export interface Asked {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** How a document is being written: its variables, named fragments and aliases so far. */
interface Writing {
  readonly world: World;
  readonly variables: {
    readonly name: string;
    readonly type: string;
    readonly value: unknown;
    readonly given: boolean;
  }[];
  readonly fragments: string[];
  names: number;
  /** Below a trail fields keep their names, so that its rows can be read back (trail-check.ts). */
  plain: boolean;
  /** How much more is written; documents stay of a size that people could read. */
  left: number;
}

type Args = Record<string, unknown>;
type Field = GraphQLField<unknown, unknown>;

/** A random document over the whole SDL: any role asks for anything, in any of the shapes that GraphQL has for it. */
export function anyDocument(schema: GraphQLSchema, world: World): Asked {
  const { dice } = world;
  const writing: Writing = { world, variables: [], fragments: [], names: 0, plain: false, left: 60 };
  const mutates = dice.chance(0.06);
  const root = (mutates ? schema.getMutationType() : schema.getQueryType()) as GraphQLObjectType;
  const body = rootSelections(root, writing);
  const name = dice.chance(0.3) ? `O${writing.names++}` : undefined;
  const declared = writing.variables.map(
    ({ name: of, type, value, given }) => `$${of}: ${type}${given ? '' : ` = ${literal(schema, type, value)}`}`,
  );
  const head = `${mutates ? 'mutation' : 'query'} ${name ?? ''}${declared.length === 0 ? '' : `(${declared.join(', ')})`}`;
  const operation = head.trim() === 'query' && dice.chance(0.5) ? body : `${head} ${body}`;
  const others = name !== undefined && dice.chance(0.3) ? [decoy(writing)] : [];
  const parts = [operation, ...writing.fragments, ...others];
  const variables = Object.fromEntries(
    writing.variables.filter(({ given }) => given).map(({ name: of, value }) => [of, value]),
  );
  if (dice.chance(0.05)) variables.nobodyAsked = dice.pick(world.truth.residents).name;
  return {
    query: (dice.chance(0.5) ? parts : parts.reverse()).join('\n'),
    variables,
    ...(name === undefined ? {} : { operationName: name }),
  };
}

/** An operation that is not the one to run: nothing of it may happen. */
function decoy({ world }: Writing): string {
  const code = JSON.stringify(world.dice.pick(world.dice.pick(world.truth.residents).codes).text);
  return world.dice.chance(0.5)
    ? `query Decoy { records(code: ${code}, purpose: TREAT) { ... on RecordConnection { totalCount } } me { records { __typename } } }`
    : `mutation Decoy { suspendCode(requestId: "decoy-request", input: { code: ${code}, reason: OFFICE }) { __typename } }`;
}

const fieldsOf = (type: GraphQLObjectType): Field[] => Object.values(type.getFields()) as Field[];

/** Fields that call the platform: mostly the role's own, each under an alias of its own or, once, under its name. */
function rootSelections(type: GraphQLObjectType, writing: Writing): string {
  const { world } = writing;
  const { dice, actor } = world;
  const all = fieldsOf(type);
  const own = all.filter(({ name }) => name === 'me' || mayCall(type.name, name, actor.role));
  const bare = new Set<string>();
  const written: string[] = [];
  const many = dice.chance(0.04) ? 8 + dice.below(30) : (world.greedy ? 3 : 1) + dice.below(world.greedy ? 6 : 3);
  for (let i = 0; i < many; i++) {
    const fitting =
      actor.role === 'resident' ? own.filter(({ name }) => name === 'me') : own.filter(({ name }) => name !== 'me');
    const from = dice.chance(0.8) && fitting.length > 0 && type.name === 'Query' ? fitting : all;
    const field = dice.pick(dice.chance(0.9) && own.length > 0 && type.name !== 'Query' ? own : from);
    const args = argumentsOf(type, field, writing);
    if (args === undefined) continue;
    const alias = bare.has(field.name) || dice.chance(0.5) ? `a${writing.names++}: ` : '';
    if (alias === '') bare.add(field.name);
    const call = `${alias}${field.name}${printArguments(field, args, writing)}`;
    const below = (): string => selectionsBelow(field, writing);
    written.push(`${call}${directive(writing)} ${below()}`);
    // The same call twice is one, whose selections are merged.
    if (dice.chance(0.05)) written.push(`${call} ${below()}`);
  }
  if (written.length === 0 || dice.chance(0.05)) written.push('__typename');
  return `{ ${grouped(written, type, writing).join(' ')} }`;
}

function selectionsBelow(field: Field, writing: Writing): string {
  const type = getNamedType(field.type);
  if (field.name === 'me' && isObjectType(type)) return rootSelections(type, writing);
  const plain = writing.plain;
  if (type.name === 'TrailResult') writing.plain = true;
  try {
    return selections(type, writing, 0);
  } finally {
    writing.plain = plain;
  }
}

/** A selection of some of what the type has; more of the shapes that lead on to other types. */
function selections(type: GraphQLNamedType, writing: Writing, depth: number): string {
  const { dice } = writing.world;
  if (isUnionType(type)) {
    const all = type.getTypes();
    const members = dice.some(all, dice.chance(0.7) ? all.length : 1, all.length).map((member) => {
      const inner = selections(member, writing, depth);
      return dice.chance(0.15) ? spread(member.name, inner, writing) : `... on ${member.name} ${inner}`;
    });
    return `{ ${dice.chance(0.7) ? '__typename ' : ''}${members.join(' ')} }`;
  }
  if (!isObjectType(type)) return '';
  const fields = dice.chance(0.3) ? fieldsOf(type) : dice.some(fieldsOf(type), 1, 6);
  const leading = fieldsOf(type).filter(({ name }) => name === 'edges' || name === 'node' || name === 'result');
  const chosen = [...new Set([...fields, ...leading.filter(() => dice.chance(0.8))])];
  const written = chosen.flatMap((field): string[] => {
    writing.left -= 1;
    const below = getNamedType(field.type);
    const leaf = !isObjectType(below) && !isUnionType(below);
    if (!leaf && writing.left < 0 && depth > 2) return [];
    const times = dice.chance(0.06) ? 2 : 1;
    return Array.from({ length: times }, () => {
      const alias = !writing.plain && dice.chance(0.1) ? `a${writing.names++}: ` : '';
      return `${alias}${field.name}${directive(writing)} ${selections(below, writing, depth + 1)}`.trim();
    });
  });
  if (written.length === 0 || dice.chance(0.1)) written.push('__typename');
  return `{ ${grouped(written, type, writing).join(' ')} }`;
}

/** Some of the selections put into fragments, inline and named, also one inside the other. */
function grouped(written: readonly string[], type: GraphQLNamedType, writing: Writing): string[] {
  const { dice } = writing.world;
  if (!dice.chance(0.25)) return [...written];
  const cut = dice.below(written.length);
  const inner = `{ ${written.slice(cut).join(' ')} }`;
  const condition = dice.pick([` on ${type.name}`, '']);
  const group = dice.chance(0.5) ? spread(type.name, inner, writing) : `...${condition}${directive(writing)} ${inner}`;
  return [...written.slice(0, cut), dice.chance(0.3) ? `... on ${type.name} { ${group} }` : group];
}

function spread(type: string, inner: string, writing: Writing): string {
  const name = `F${writing.names++}`;
  writing.fragments.push(`fragment ${name} on ${type} ${inner}`);
  return `...${name}${directive(writing)}`;
}

function directive(writing: Writing): string {
  const { dice } = writing.world;
  if (!dice.chance(0.03)) return '';
  const which = dice.pick(['include', 'skip']);
  const value = dice.chance(0.5);
  if (dice.chance(0.5)) return ` @${which}(if: ${value})`;
  return ` @${which}(if: ${variable('Boolean!', value, true, writing)})`;
}

function variable(type: string, value: unknown, given: boolean, writing: Writing): string {
  const name = `v${writing.names++}`;
  writing.variables.push({ name, type, value, given });
  return `$${name}`;
}

/** Undefined where the generator has nothing to say there. */
function argumentsOf(type: GraphQLObjectType, { name }: Field, { world }: Writing): Args | undefined {
  const { dice, actor, truth } = world;
  if (type.name === 'Mutation') {
    const input = anyCommand(world, name, mayCall('Mutation', name, actor.role));
    return input && { requestId: `attack-${dice.below(1e9)}`, input };
  }
  const paged = (): Args => (dice.chance(world.greedy ? 1 : 0.6) ? { first: anyFirst(world) } : {});
  switch (`${type.name}.${name}`) {
    case 'Query.records':
      return withCursor(world, 'records', { ...anyTarget(world), ...anySelection(world) }, 0.2);
    case 'Query.recordsOfSeveral': {
      const many = dice.chance(0.03) ? dice.pick([0, LIMITS.codes, LIMITS.codes + 1]) : 1 + dice.below(5);
      const codes = Array.from({ length: many }, () => anyCode(world));
      const { code, ...rest } = withCursor(world, 'records', { ...anyTarget(world), ...anySelection(world) }, 0.15);
      return { ...rest, codes: many === 0 ? [] : [code, ...codes.slice(1)] };
    }
    case 'Query.content': {
      const target = anyTarget(world);
      return { ...target, record: anyRecordId(world, residentOfCode(truth, target.code)?.name) };
    }
    case 'Query.verifyCode':
      return { code: anyCode(world), ...(dice.chance(0.5) ? { purpose: anyPurpose(world) } : {}) };
    case 'Query.trail':
      return withCursor(
        world,
        'trail',
        { ...(dice.chance(0.9) ? { filter: anyTrailFilter(world) } : {}), ...paged() },
        0.15,
      );
    case 'Query.institution':
    case 'Query.practitioner':
      return anyParty(world, name as 'institution' | 'practitioner');
    case 'Me.records': {
      const { code: _code, purpose: _purpose, ...args } = withCursor(world, 'records', anySelection(world), 0.2);
      return args;
    }
    case 'Me.content':
      return { record: anyRecordId(world, actor.resident?.name) };
    case 'Me.accessLog': {
      const { filter: _filter, ...args } = withCursor(world, 'trail', { ...paged(), ...anyInstants(world) }, 0.15);
      return args;
    }
    case 'Me.consents':
      return withCursor(
        world,
        'consents',
        { ...paged(), ...(dice.chance(0.4) ? { state: dice.pick(['LIVE', 'PENDING', 'ENDED']) } : {}) },
        0.2,
      );
    case 'Me.consentRequests': {
      const { state: _state, ...args } = withCursor(world, 'consents', paged(), 0.2);
      return args;
    }
    default:
      return {};
  }
}

function printArguments(field: Field, args: Args, writing: Writing): string {
  const printed = field.args.flatMap(({ name, type }) => {
    const value = args[name];
    if (value === undefined) return writing.world.dice.chance(0.03) && !isNonNullType(type) ? [`${name}: null`] : [];
    return [`${name}: ${valueText(type, value, writing)}`];
  });
  return printed.length === 0 ? '' : `(${printed.join(', ')})`;
}

/** As a variable, given or by its default, or written out; inside a list or an object some of each. */
function valueText(type: GraphQLInputType, value: unknown, writing: Writing): string {
  const { dice } = writing.world;
  const inner = isNonNullType(type) ? type.ofType : type;
  // A text that GraphQL's own syntax cannot hold travels in a variable.
  const sayable = typeof value !== 'string' || value.isWellFormed();
  if (!sayable || dice.chance(0.35))
    return variable(String(type), value, !sayable || typeof value === 'object' || dice.chance(0.85), writing);
  if (isListType(inner) && Array.isArray(value)) {
    return `[${value.map((item) => valueText(inner.ofType, item, writing)).join(', ')}]`;
  }
  if (isInputObjectType(inner) && typeof value === 'object' && value !== null) {
    const members = Object.entries(inner.getFields()).flatMap(([name, { type: of }]) => {
      const member = (value as Args)[name];
      return member === undefined ? [] : [`${name}: ${valueText(of, member, writing)}`];
    });
    return `{ ${members.join(', ')} }`;
  }
  return print(astFromValue(value, inner) as never);
}

function literal(schema: GraphQLSchema, type: string, value: unknown): string {
  const named = schema.getType(type.replace(/[![\]]/g, '')) as GraphQLInputType;
  return print(astFromValue(value, named) as never);
}
