import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { KeysUnavailable, Unauthenticated } from '../auth/faults.ts';
import { Fault, Malformed } from '../kernel/fault.ts';
import {
  AppendConflict,
  AppendTooLarge,
  AppendUnknown,
  LedgerBusy,
  LedgerCorrupt,
  LedgerUnavailable,
} from '../ledger/faults.ts';
import {
  ClaimsBusy,
  ContentDiffers,
  ContentTooLarge,
  KeyDestroyed,
  KeyMissing,
  VaultUnavailable,
  WrongKeyring,
} from '../vault/faults.ts';
import { badInput } from './fault.ts';
import { translateFault } from './translate-fault.ts';

class Unheard extends Fault {
  readonly code = 'unheard';
}

describe('a fault from below', () => {
  it.each([
    [new LedgerBusy(350), 'BUSY', { retryAfterMs: 350 }],
    [new ClaimsBusy(), 'BUSY', { retryAfterMs: 200 }],
    [new AppendUnknown(new Error('x')), 'UNKNOWN_OUTCOME', {}],
    [new LedgerUnavailable(new Error('x')), 'UNAVAILABLE', {}],
    [new VaultUnavailable(new Error('x')), 'UNAVAILABLE', {}],
    [new KeysUnavailable(new Error('x')), 'UNAVAILABLE', {}],
    [new AppendTooLarge('x'), 'TOO_LARGE', {}],
    [new ContentTooLarge(2, 1), 'TOO_LARGE', {}],
    [new ContentDiffers(), 'BAD_INPUT', { path: 'requestId' }],
    [new AppendConflict('seen'), 'INTERNAL', {}],
    [new LedgerCorrupt('x'), 'INTERNAL', {}],
    [new KeyMissing('x'), 'INTERNAL', {}],
    [new KeyDestroyed('x'), 'INTERNAL', {}],
    [new WrongKeyring('x'), 'INTERNAL', {}],
    [new Unheard('x'), 'INTERNAL', {}],
    [new Error('relation "claims" holds 11010519491231002X'), 'INTERNAL', {}],
    [new GraphQLError('x'), 'INTERNAL', {}],
    ['a text', 'INTERNAL', {}],
    [undefined, 'INTERNAL', {}],
  ])('%s is told as %s', (error, code, extensions) => {
    const fault = translateFault(error, 'command');
    expect(fault.extensions).toEqual({ code, ...extensions });
    expect(fault.message).not.toContain('1101');
  });

  it('that is one of ours stays as it is', () => {
    const ours = badInput('a', 'b');
    expect(translateFault(ours, 'query')).toBe(ours);
  });

  it.each([
    ['command', 'input.documents[0].number', 'input.documents[0].number'],
    ['command', 'input', 'input'],
    ['query', 'input.first', 'first'],
    ['query', 'input.period.from', 'period.from'],
    ['query', 'input', 'arguments'],
    ['command', 'requestId', 'requestId'],
  ] as const)('Malformed of a %s at %s is the caller’s, at %s', (kind, path, told) => {
    const fault = translateFault(new Malformed(path, 'not so'), kind);
    expect(fault.extensions).toEqual({ code: 'BAD_INPUT', path: told });
    expect(fault.message).toBe(`${told}: not so`);
  });

  it.each(['record.registered@1 retained.period', 'leaf', 'id', 'node', 'inputs.a', 'document.issuer'])(
    'Malformed at %s is a fault of ours: what is stored does not parse',
    (path) => {
      const fault = translateFault(new Malformed(path, 'not so'), 'command');
      expect(fault.extensions).toEqual({ code: 'INTERNAL' });
      expect(fault.message).not.toContain(path);
    },
  );

  it.each([
    ['absent', 'Bearer realm="health-record-ledger"'],
    [
      'expired',
      'Bearer realm="health-record-ledger", error="invalid_token", error_description="the token has expired"',
    ],
  ] as const)('Unauthenticated because of %s challenges as RFC 6750 says', (reason, challenge) => {
    const fault = translateFault(new Unauthenticated(reason), 'query');
    expect([fault.status, fault.headers]).toEqual([401, { 'www-authenticate': challenge }]);
  });
});
