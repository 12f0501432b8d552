import type { IncomingMessage } from 'node:http';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { type ExecutionResult, type GraphQLError, getOperationAST, NoSchemaIntrospectionCustomRule } from 'graphql';
import { createYoga, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import type { Platform } from '../app/api.ts';
import { Unauthenticated } from '../auth/faults.ts';
import type { TokenVerifier } from '../auth/verifier.ts';
import type { Entropy } from '../kernel/ports.ts';
import { type Probe, SILENT_PROBE, type Span } from '../kernel/probe.ts';
import { bodyReader } from './body.ts';
import type { Context } from './context.ts';
import { checkCost } from './cost.ts';
import { checkDocument, parseDocument } from './document-limits.ts';
import type { FaultReport } from './fault-report.ts';
import { requestIdOf } from './headers.ts';
import type { RateLimit } from './rate-limit.ts';
import { type Received, receive } from './receive.ts';
import { type Reply, replyFaults, replyResult } from './respond.ts';
import { schema } from './schema.ts';
import { translateFault } from './translate-fault.ts';
import { validationFaults } from './validation-fault.ts';
import { coerceVariables } from './variables.ts';

export const GRAPHQL_PATH = '/graphql';

export interface EndpointOptions {
  readonly platform: Platform;
  readonly verifier: TokenVerifier;
  readonly entropy: Entropy;
  readonly rate: RateLimit;
  readonly faults: FaultReport;
  /** Told of what happens, for the operator; nobody unless told. */
  readonly probe?: Probe;
  /** GraphiQL and introspection: in development only. */
  readonly development: boolean;
  /** Shown in GraphiQL's editor. */
  readonly exampleQuery?: string;
}

/** What the server knows of a request before it is read. */
interface ServerContext {
  readonly req?: IncomingMessage;
  readonly requestId?: string;
  readonly span?: Span | undefined;
}
type AtHand = Received & { readonly requestId: string };

/**
 * The GraphQL endpoint: yoga parses, validates (both cached by document) and executes; who sends a request, what it may ask and how a
 * result becomes text is ours. No cache of results: a hit would be an access without an event.
 */
export function graphqlEndpoint(options: EndpointOptions) {
  const { platform, verifier, entropy, rate, faults, development, probe = SILENT_PROBE } = options;
  const bodies = bodyReader();
  const atHand = new WeakMap<Request, AtHand>();
  const known = (request: Request): AtHand => {
    const found = atHand.get(request);
    if (found === undefined) throw new Error('a request that was not received');
    return found;
  };

  const edge: Plugin<object, ServerContext> = {
    async onRequest({ request, serverContext, fetchAPI, endResponse }) {
      const requestId = serverContext?.requestId ?? requestIdOf(request.headers.get('x-request-id'), entropy);
      try {
        const body = serverContext?.req?.iterator({ destroyOnReturn: false }) ?? request.body ?? nothing();
        const { method, headers } = request;
        const received = await receive({ method, headers, body }, requestId, { platform, verifier, bodies });
        const span = serverContext?.span;
        const caller = span === undefined ? received.caller : { ...received.caller, span };
        atHand.set(request, { ...received, caller, requestId });
      } catch (error) {
        if (error instanceof Unauthenticated) probe.tokenRefused(error.reason);
        const fault = faults.told(translateFault(error, 'command'), requestId);
        endResponse(toResponse(replyFaults([fault], requestId, request.headers.get('accept')), fetchAPI.Response));
      }
    },
    onRequestParse({ request, setRequestParser }) {
      const { params } = known(request);
      setRequestParser(() => ({ ...params, variables: { ...params.variables } }));
    },
    onParse({ context, setParseFn }) {
      setParseFn((source: string | { body: string }) =>
        parseDocument(typeof source === 'string' ? source : source.body),
      );
      return ({ result }) => {
        // Thrown, not set as the result: yoga would cache it for the document.
        if (result instanceof Error) throw result;
        checkDocument(result, known((context as YogaInitialContext).request).params.operationName);
      };
    },
    onValidate({ addValidationRule }) {
      if (!development) addValidationRule(NoSchemaIntrospectionCustomRule);
      return ({ valid, result }) => {
        if (!valid) throw new AggregateError(validationFaults(result as readonly GraphQLError[], development));
      };
    },
    onExecute({ args }) {
      const { document, operationName } = args;
      const operation = getOperationAST(document, operationName);
      if (operation === null || operation === undefined) throw new Error('an operation that was not checked');
      const variables = coerceVariables(schema, operation, args.variableValues ?? {});
      checkCost(schema, document, operation, variables);
    },
    onResultProcess({ request, result, setResultProcessor }) {
      const { requestId } = known(request);
      setResultProcessor((_result, fetchAPI) => {
        const reply = replyResult(result as ExecutionResult, requestId, request.headers.get('accept'), faults);
        return toResponse(reply, fetchAPI.Response);
      }, 'application/json');
    },
  };

  return createYoga<ServerContext, Context>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    plugins: [edge],
    context: ({ request }): Context => {
      const { caller, requestId } = known(request);
      return { platform, caller, requestId, rate, faults, probe };
    },
    graphiql: development && {
      title: 'Health Record Ledger',
      headers: JSON.stringify({ Authorization: 'Bearer PASTE-A-TOKEN' }),
      ...(options.exampleQuery === undefined ? {} : { defaultQuery: options.exampleQuery }),
    },
    // With its scripts inside: a page that holds a token takes none from a content network.
    renderGraphiQL,
    // Errors are masked where they become text (respond.ts), and reported with their request's id.
    maskedErrors: false,
    logging: false,
    // Tokens are borne in a header, never by a cookie, so no other site's page has a use for the endpoint.
    cors: false,
    batching: false,
    multipart: false,
    landingPage: false,
    maxRequestBodySize: false,
  });
}

function toResponse({ status, headers, body }: Reply, ResponseOf: typeof Response): Response {
  return new ResponseOf(body, { status, headers });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
