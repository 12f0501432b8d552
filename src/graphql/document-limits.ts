import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { badInput, overLimit } from './fault.ts';

/** A document longer than this is refused unread: inputs belong into variables. UTF-16 units. */
export const MAX_DOCUMENT_LETTERS = 20_000;
/** Tools' introspection queries have about 300 tokens, a page with every field about 150. */
export const MAX_TOKENS = 2_000;
/** The deepest path of the schema is 7 fields long. Introspection is not counted. */
export const MAX_DEPTH = 10;
/** Each alias of a root field is a call of its own. Counted as if every fragment were written out. */
export const MAX_ALIASES = 30;
export const MAX_DIRECTIVES = 20;

const TOKENS = /^Syntax Error: Document contains more tha[nt] \d+ tokens/;

/** Parses a document that an attacker controls. BAD_INPUT with the place, or LIMIT; the message repeats nothing of the document. */
export function parseDocument(text: string): DocumentNode {
  if (text.length > MAX_DOCUMENT_LETTERS) {
    throw overLimit(`the document is longer than ${MAX_DOCUMENT_LETTERS} letters: send inputs as variables`);
  }
  try {
    return parse(text, { maxTokens: MAX_TOKENS });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (TOKENS.test(error.message)) throw overLimit(`the document has more than ${MAX_TOKENS} tokens`);
    const { locations } = error;
    throw badInput('query', 'not a GraphQL document', locations === undefined ? {} : { locations });
  }
}

export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  return fragments;
}

interface Size {
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
}

const INTROSPECTION = new Set(['__schema', '__type']);

/**
 * Looks at the one operation that is going to run, before validation, whose rules cost more the larger the document is. Counts are those
 * of the document with every fragment written out; each fragment is measured once, so fragments of fragments cost nothing here.
 */
export function checkDocument(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const operation = getOperationAST(document, operationName);
  if (operation === null || operation === undefined) {
    throw badInput('operationName', 'names no operation of the document, or several are there and none is named');
  }
  if (operation.operation === 'subscription') throw badInput('query', 'there are no subscriptions');
  const size = measure(document, operation);
  if (size.depth > MAX_DEPTH) throw overLimit(`fields are nested deeper than ${MAX_DEPTH}`);
  if (size.aliases > MAX_ALIASES) throw overLimit(`more than ${MAX_ALIASES} aliases`);
  if (size.directives > MAX_DIRECTIVES) throw overLimit(`more than ${MAX_DIRECTIVES} directives`);
  return operation;
}

function measure(document: DocumentNode, operation: OperationDefinitionNode): Size {
  const fragments = fragmentsOf(document);
  const known = new Map<string, Size>();

  const ofFragment = (name: string): Size => {
    const done = known.get(name);
    if (done !== undefined) return done;
    // While a fragment is being measured it counts as empty; validation refuses one that spreads itself.
    known.set(name, { depth: 0, aliases: 0, directives: 0 });
    const fragment = fragments.get(name);
    if (fragment === undefined) return { depth: 0, aliases: 0, directives: 0 };
    const inner = ofSelections(fragment.selectionSet);
    const size = { ...inner, directives: inner.directives + (fragment.directives?.length ?? 0) };
    known.set(name, size);
    return size;
  };

  const ofSelections = (set: SelectionSetNode | undefined): Size => {
    let depth = 0;
    let aliases = 0;
    let directives = 0;
    for (const node of set?.selections ?? []) {
      directives += node.directives?.length ?? 0;
      let inner: Size;
      switch (node.kind) {
        case Kind.FIELD: {
          const below = ofSelections(node.selectionSet);
          if (node.alias !== undefined) aliases += 1;
          inner = INTROSPECTION.has(node.name.value) ? { ...below, depth: 1 } : { ...below, depth: below.depth + 1 };
          break;
        }
        case Kind.INLINE_FRAGMENT:
          inner = ofSelections(node.selectionSet);
          break;
        case Kind.FRAGMENT_SPREAD:
          inner = ofFragment(node.name.value);
          break;
      }
      depth = Math.max(depth, inner.depth);
      aliases += inner.aliases;
      directives += inner.directives;
    }
    return { depth, aliases, directives };
  };

  const size = ofSelections(operation.selectionSet);
  return { ...size, directives: size.directives + (operation.directives?.length ?? 0) };
}
