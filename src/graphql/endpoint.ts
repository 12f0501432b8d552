import { type ExecutionResult, type FragmentDefinitionNode, getOperationAST, Kind, NoSchemaIntrospectionCustomRule } from 'graphql';
import { createYoga, type GraphiQLOptions, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import type { IncomingMessage } from 'node:http';
import type { Platform } from '../app/api.ts';
import type { TokenVerifier } from '../auth/verifier.ts';
import type { Entropy } from '../kernel/ports.ts';
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
  /** GraphiQL and introspection: in development only. */
  readonly development: boolean;
  /** The page to serve instead of yoga's own, whose scripts come from a content network. */
  readonly renderGraphiQL?: (options: GraphiQLOptions) => string | Promise<string>;
  /** Shown in GraphiQL's editor. */
  readonly exampleQuery?: string;
}

type ServerContext = { readonly req?: IncomingMessage };
type AtHand = Received & { readonly requestId: string };

/**
 * The GraphQL endpoint: yoga parses, validates (both cached by document) and executes; who sends a request, what it may ask and how a
 * result becomes text is ours. No cache of results: a hit would be an access without an event.
 */
export function graphqlEndpoint(options: EndpointOptions) {
  const { platform, verifier, entropy, rate, faults, development } = options;
  const bodies = bodyReader();
  const atHand = new WeakMap<Request, AtHand>();
  const known = (request: Request): AtHand => {
    const found = atHand.get(request);
    if (found === undefined) throw new Error('a request that was not received');
    return found;
  };

  const edge: Plugin<object, ServerContext> = {
    async onRequest({ request, serverContext, fetchAPI, endResponse }) {
      const requestId = requestIdOf(request.headers, entropy);
      try {
        const body = serverContext?.req?.iterator({ destroyOnReturn: false }) ?? request.body ?? nothing();
        const { method, headers } = request;
        const received = await receive({ method, headers, body }, requestId, { platform, verifier, bodies });
        atHand.set(request, { ...received, requestId });
      } catch (error) {
        const fault = faults.told(translateFault(error, 'command'), requestId);
        endResponse(toResponse(replyFaults([fault], requestId, request.headers.get('accept')), fetchAPI.Response));
      }
    },
    onRequestParse({ request, setRequestParser }) {
      const { params } = known(request);
      setRequestParser(() => ({ ...params, variables: { ...params.variables } }));
    },
    onParse({ context, setParseFn }) {
      setParseFn((source: string | { body: string }) => parseDocument(typeof source === 'string' ? source : source.body));
      return ({ result }) => {
        // Thrown, not set as the result: yoga would cache it for the document.
        if (result instanceof Error) throw result;
        checkDocument(result, known((context as YogaInitialContext).request).params.operationName);
      };
    },
    onValidate({ addValidationRule }) {
      if (!development) addValidationRule(NoSchemaIntrospectionCustomRule);
      return ({ valid, result }) => {
        if (!valid) throw new AggregateError(validationFaults(result, development));
      };
    },
    onExecute({ args }) {
      const { document, operationName } = args;
      const operation = getOperationAST(document, operationName);
      if (operation === null || operation === undefined) throw new Error('an operation that was not checked');
      const variables = coerceVariables(schema, operation, args.variableValues ?? {});
      const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
      checkCost(schema, operation, new Map(fragments.map((node: FragmentDefinitionNode) => [node.name.value, node])), variables);
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
      return { platform, caller, requestId, rate, faults };
    },
    graphiql: development && {
      title: 'Health Record Ledger',
      headers: JSON.stringify({ Authorization: 'Bearer <npm run -s token -- --role …>' }),
      ...(options.exampleQuery === undefined ? {} : { defaultQuery: options.exampleQuery }),
    },
    ...(options.renderGraphiQL === undefined ? {} : { renderGraphiQL: options.renderGraphiQL }),
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
