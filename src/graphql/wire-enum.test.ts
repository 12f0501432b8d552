import { type GraphQLEnumType, isEnumType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { codeClosed, codeSuspended } from '../domain/code/events.ts';
import { consentGranted, consentRequested } from '../domain/consent/events.ts';
import { identityRegistered } from '../domain/identity/events.ts';
import { ledgerPolicyAdopted } from '../domain/ledger/events.ts';
import { recordWithdrawn } from '../domain/record/events.ts';
import { REFUSAL_CODES } from '../domain/refusals.ts';
import { CATEGORIES, CONFIDENTIALITIES, LABELS, PURPOSES, RECORD_INDEXES, SENSITIVITIES } from '../domain/terms.ts';
import type { EventDeclaration } from '../kernel/event.ts';
import { ACTOR_KINDS } from '../kernel/event.ts';
import { schema } from './schema.ts';
import { enumName } from './wire-enum.ts';

/** The closed list under a key of a printed shape, wherever it stands in it. */
function listIn(shape: unknown, key: string): readonly string[] | undefined {
  if (typeof shape !== 'object' || shape === null) return undefined;
  for (const [name, inner] of Object.entries(shape)) {
    if (name.replace('?', '') === key && typeof inner === 'object' && inner !== null && 'oneOf' in inner) {
      return inner.oneOf as readonly string[];
    }
    const below = listIn(inner, key);
    if (below !== undefined) return below;
  }
  return undefined;
}

function wordsOf(declaration: Pick<EventDeclaration, 'retained' | 'personal'>, key: string): readonly string[] {
  const fields = Object.entries({ ...declaration.retained, ...declaration.personal });
  const found = listIn(Object.fromEntries(fields.map(([name, field]) => [name, field.shape])), key);
  if (found === undefined) throw new Error(`no list under ${key}`);
  return found;
}

const valuesOf = (name: string): string[] => {
  const type = schema.getType(name);
  if (!isEnumType(type)) throw new Error(`${name} is no enum`);
  return (type as GraphQLEnumType).getValues().map(({ value }) => value as string);
};

describe('an enum of the API', () => {
  it.each([
    ['Purpose', PURPOSES],
    ['Category', CATEGORIES],
    ['RecordIndex', RECORD_INDEXES],
    ['Sensitivity', SENSITIVITIES],
    ['Label', LABELS],
    ['Confidentiality', CONFIDENTIALITIES],
    ['Role', ACTOR_KINDS],
    ['RefusalCode', REFUSAL_CODES],
    ['SuspendReason', wordsOf(codeSuspended, 'reason')],
    ['WithdrawReason', wordsOf(recordWithdrawn, 'reason')],
    ['GranteeKind', wordsOf(consentRequested, 'kind')],
    ['Authentication', wordsOf(consentGranted, 'authentication')],
    ['Sex', wordsOf(identityRegistered, 'sex')],
    ['PolicyRuleKind', wordsOf(ledgerPolicyAdopted, 'kind')],
    // A death closes codes by itself; nobody gives it as a reason.
    ['CloseReason', wordsOf(codeClosed, 'reason').filter((reason) => reason !== 'deceased')],
  ])('%s has exactly the words of the domain', (name, words) => {
    expect(valuesOf(name).sort()).toEqual([...words].sort());
  });

  it('names each word as GraphQL can, and no two alike', () => {
    expect(enumName('diagnostic-report')).toBe('DIAGNOSTIC_REPORT');
    for (const type of Object.values(schema.getTypeMap()).filter(isEnumType)) {
      if (type.name.startsWith('__')) continue;
      const names = type.getValues().map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      if (type.name !== 'FaultCode')
        expect(type.getValues().map(({ value }) => enumName(value as string))).toEqual(names);
    }
  });
});
