import { purpose } from '../../domain/terms.ts';
import * as f from '../../kernel/field.ts';
import type { Caller } from '../actor.ts';
import { parseInput } from '../input.ts';
import type { Outcome } from '../outcome.ts';
import { access, type Plan } from './access.ts';
import type { GateApp } from './gate-app.ts';

/** Is this code live? Says nothing of the person; a code that is not answers like one that never was. */
export async function verifyCode(
  app: GateApp,
  caller: Caller,
  raw: { readonly code: string; readonly purpose?: string },
): Promise<Outcome<{ readonly live: 'yes' }>> {
  const input = parseInput({ code: f.text(128), purpose: f.optional(purpose()) }, raw);
  return access<Plan, { readonly live: 'yes' }>(app, {
    caller,
    target: { code: input.code },
    purpose: input.purpose ?? 'TREAT',
    selection: { what: 'code' },
    part: 1,
    mustFind: false,
    plan: async () => ({ items: [], matched: 0 }),
    open: async () => ({ live: 'yes' }),
  });
}
