import {
  type DocumentNode,
  execute,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  type ResponsePath,
  responsePathAsArray,
} from 'graphql';
import type { Asking, Expected } from './expected.ts';
import type { Harvest } from './harvest.ts';
import { type Args, BadInput, checkArguments, checkTexts, checkTrailFilter, without } from './reference-arguments.ts';
import { codes, consents, institution, ownLog, practitioner, trail } from './reference-lists.ts';
import { content, profile, type RecordArgs, records, refusal, several, verification } from './reference-reads.ts';
import type { KnownActor, KnownRole, Truth } from './truth.ts';

/**
 * A second platform that answers from what the test knows: the published SDL, executed by graphql-js as any client's tool would, with
 * resolvers that follow lawful.ts. Which occurrences there are, fragments, aliases, directives and variables resolved, follows from the
 * GraphQL specification, not from our server.
 */

const EVERYBODY: readonly KnownRole[] = ['resident', 'practitioner', 'issuer', 'regulator', 'system'];
/** Who may call what (domain.md, "Actors and roles"), told here a second time on purpose. */
const MAY: Readonly<Record<string, readonly KnownRole[]>> = {
  registerResident: ['issuer', 'system'],
  linkDocuments: ['issuer', 'system'],
  reportDeath: ['issuer', 'system'],
  issueCode: ['issuer'],
  suspendCode: ['issuer', 'resident'],
  resumeCode: ['issuer', 'resident'],
  closeCode: ['issuer'],
  requestConsent: ['practitioner'],
  grantConsent: ['resident'],
  denyConsent: ['resident'],
  revokeConsent: ['resident'],
  registerRecord: ['practitioner', 'system'],
  withdrawRecord: ['practitioner', 'system'],
  registerInstitution: ['regulator'],
  changeInstitution: ['regulator'],
  endInstitution: ['regulator'],
  registerPractitioner: ['regulator'],
  changePractitioner: ['regulator'],
  endPractitioner: ['regulator'],
  adoptPolicy: ['regulator'],
  'Query.records': ['practitioner'],
  'Query.recordsOfSeveral': ['practitioner'],
  'Query.content': ['practitioner'],
  'Query.verifyCode': ['practitioner', 'issuer'],
  'Query.trail': ['regulator'],
  'Query.institution': EVERYBODY,
  'Query.practitioner': EVERYBODY,
  'Query.policy': EVERYBODY,
};

/** Whether the role may call that field of that type. */
export function mayCall(type: string, field: string, role: KnownRole): boolean {
  if (type === 'Me') return role === 'resident';
  return (MAY[type === 'Mutation' ? field : `${type}.${field}`] ?? []).includes(role);
}

type Resolver = GraphQLFieldResolver<unknown, Asking>;

const pathOf = (path: ResponsePath): string => responsePathAsArray(path).join('.');

const resolve: Resolver = (source, raw, running, info) => {
  const { parentType, fieldName, path } = info;
  const type = parentType.name;
  if (type !== 'Query' && type !== 'Me' && type !== 'Mutation') {
    const value = (source as Record<string, unknown>)[fieldName];
    return typeof value === 'function' ? (value as () => unknown)() : value;
  }
  if (fieldName === 'me') return {};
  checkTexts(raw);
  const args = without(raw);
  if (fieldName === 'recordsOfSeveral')
    return several(running, args as unknown as { codes: string[]; purpose: string });
  if (fieldName === 'institution' || fieldName === 'practitioner') return party(running, fieldName, args);
  if (type === 'Mutation' && !/^[A-Za-z0-9._-]{8,64}$/.test(String(args.requestId))) throw new BadInput();
  if (!mayCall(type, fieldName, running.actor.role)) return refusal('NOT_PERMITTED');
  if (type === 'Mutation') return refused(running, fieldName);
  checkArguments(args);
  return type === 'Me' ? ofMe(running, fieldName, args, pathOf(path)) : ofQuery(running, fieldName, args, pathOf(path));
};

/** Commands that the generator lets somebody send who may send such: all of them name what is not theirs, or not there. */
function refused({ actor }: Asking, command: string): object {
  switch (command) {
    case 'revokeConsent':
      return refusal('NO_SUCH_CONSENT');
    case 'denyConsent':
      return refusal('NO_SUCH_REQUEST');
    case 'grantConsent':
      return refusal(
        actor.resident?.codes.every(({ state }) => state === 'CLOSED') ? 'NO_LIVE_CODE' : 'NO_SUCH_REQUEST',
      );
    default:
      throw new Error(`the generator sends no ${command} that is let through`);
  }
}

function party(running: Asking, kind: 'institution' | 'practitioner', args: Args): object | null {
  if ((args.id === undefined) === (args.identifier === undefined)) throw new BadInput();
  checkArguments(args);
  return kind === 'institution' ? institution(running.truth, args) : practitioner(running.truth, args);
}

function ofMe(running: Asking, field: string, args: Args, path: string): unknown {
  switch (field) {
    case 'profile':
      return profile(running);
    case 'records':
      return records(running, { ...args, purpose: 'PATRQT' } as RecordArgs);
    case 'content':
      return content(running, { record: args.record as string, purpose: 'PATRQT' });
    case 'accessLog':
      return ownLog(running, path, args);
    case 'consents':
      return consents(running, args.state as string | undefined, args);
    case 'consentRequests':
      return consents(running, 'PENDING', args);
    case 'codes':
      return codes(running);
    default:
      throw new Error(`the reference knows no Me.${field}`);
  }
}

function ofQuery(running: Asking, field: string, args: Args, path: string): unknown {
  switch (field) {
    case 'records':
      return records(running, args as unknown as RecordArgs);
    case 'content':
      return content(running, args as unknown as { code: string; purpose: string; record: string });
    case 'verifyCode':
      return verification(running, args.code as string, (args.purpose as string | undefined) ?? 'TREAT');
    case 'trail': {
      const filter = without((args.filter ?? {}) as Args);
      checkTrailFilter(filter);
      return trail(running, path, filter, args);
    }
    case 'policy':
      return running.truth.policy;
    default:
      throw new Error(`the reference knows no Query.${field}`);
  }
}

/** What the platform must answer to a document that passed every check before execution. */
export function reference(
  schema: GraphQLSchema,
  asked: {
    readonly document: DocumentNode;
    readonly operationName: string | undefined;
    readonly variables: Args;
    readonly truth: Truth;
    readonly harvest: Harvest;
    readonly actor: KnownActor;
    readonly now: string;
  },
): Expected {
  const { document, operationName, variables, ...on } = asked;
  const running: Asking = { ...on, events: [], trails: [] };
  const result = execute({
    schema,
    document,
    operationName,
    variableValues: variables,
    contextValue: running,
    fieldResolver: resolve as never,
    typeResolver: (value) => (value as { __typename: string }).__typename,
  });
  if (result instanceof Promise) throw new Error('the reference answers at once');
  const errors = (result.errors ?? []).map((error) => {
    const cause = error.originalError;
    // A null that a variable brings where none may stand is found by graphql-js itself.
    if (cause !== undefined && !(cause instanceof BadInput)) throw error;
    return `${error.path?.join('.')}: BAD_INPUT`;
  });
  return { status: 200, data: result.data, errors: errors.sort(), events: running.events, trails: running.trails };
}
