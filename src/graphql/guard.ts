import type { GraphQLField, GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { checkTexts } from './argument-text.ts';
import type { Context } from './context.ts';
import { badInput, isRateLimit } from './fault.ts';
import { callsOf, operationOf } from './operation.ts';
import { NAMESPACES, rootFields } from './schema-check.ts';
import { translateFault } from './translate-fault.ts';

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** Wraps every field that calls the platform, in the one place where none can be forgotten. */
export function guardFields(schema: GraphQLSchema): GraphQLSchema {
  for (const { name, field } of rootFields(schema)) {
    if (!NAMESPACES.has(name)) field.resolve = guarded(name, field);
  }
  return schema;
}

/** Arguments first, then the rate, then the platform: what is refused early is neither decided nor appended. */
function guarded(name: string, field: GraphQLField<unknown, Context>): GraphQLFieldResolver<unknown, Context> {
  const { resolve } = field;
  const declared = operationOf(field);
  if (resolve === undefined || declared === undefined) throw new Error(`${name} calls nothing`);
  const { operation } = declared;
  return (source, args, context, info) =>
    context.probe.operation(operation, context.caller.span, async (span) => {
      try {
        checkTexts(args);
        if (declared.kind === 'command') checkRequestId(args.requestId);
        await context.rate.take(context.caller.actor, purposeOf(args, declared.kind), callsOf(declared, args));
        const within = span === undefined ? context : { ...context, caller: { ...context.caller, span } };
        return await resolve(source, args, within, info);
      } catch (error) {
        const fault = translateFault(error, declared.kind === 'command' ? 'command' : 'query');
        if (isRateLimit(fault)) context.probe.rateLimited(operation);
        throw context.faults.told(fault, context.requestId);
      }
    });
}

function checkRequestId(value: unknown): void {
  if (typeof value !== 'string' || !REQUEST_ID.test(value))
    throw badInput('requestId', 'not 8 to 64 of A-Z a-z 0-9 . _ -');
}

/** What the rate is counted by: the purpose that is named, else the kind of call. */
function purposeOf(args: Readonly<Record<string, unknown>>, kind: string): string {
  const { purpose } = args;
  return typeof purpose === 'string' ? purpose : kind;
}
