import { purpose } from '../../domain/terms.ts';
import { parseBase64Url } from '../../kernel/base64.ts';
import { fromUtf8 } from '../../kernel/bytes.ts';
import * as f from '../../kernel/field.ts';
import type { Caller, PractitionerActor, ResidentActor } from '../actor.ts';
import type { Content } from '../api.ts';
import { parseInput } from '../input.ts';
import type { Outcome } from '../outcome.ts';
import { type Access, access, eventOf, type Plan } from './access.ts';
import type { GateApp } from './gate-app.ts';
import { openNodeId } from './node-id.ts';
import { asQueryScopes, labelOf, type RecordPersonal } from './records.ts';

/** Resident: a copy of the content of one own record (PIPL 45). */
export async function myContent(
  app: GateApp,
  caller: Caller & { readonly actor: ResidentActor },
  raw: { readonly record: string },
): Promise<Outcome<Content>> {
  const { record } = parseInput({ record: f.text(1024) }, raw);
  return content(app, caller, { self: caller.actor.label }, 'PATRQT', record);
}

/** Practitioner: the content of one record, named by the id that this actor was given for it. */
export async function openContent(
  app: GateApp,
  caller: Caller & { readonly actor: PractitionerActor },
  raw: { readonly code: string; readonly purpose: string; readonly record: string },
): Promise<Outcome<Content>> {
  const input = parseInput({ code: f.text(128), purpose: purpose(), record: f.text(1024) }, raw);
  return content(app, caller, { code: input.code }, input.purpose, input.record);
}

async function content(
  app: GateApp,
  caller: Caller,
  target: Access<Plan, Content>['target'],
  why: Access<Plan, Content>['purpose'],
  node: string,
): Promise<Outcome<Content>> {
  const record = openNodeId(app, caller.actor, node);
  return access<Plan, Content>(app, {
    caller,
    target,
    purpose: why,
    selection: { what: 'content', ...(record === undefined ? {} : { record }) },
    part: 2,
    mustFind: true,
    plan: async (permitted, { stream, keys }) => {
      if (record === undefined) return undefined;
      const scopes = asQueryScopes(permitted.scopes, keys);
      const plan = await app.gated.planRecords({ label: labelOf(stream), recordId: record, scopes, first: 1 });
      return {
        items: plan.items.map((item) => ({ id: item.recordId, revision: item.revision, category: item.category })),
        matched: plan.matched,
      };
    },
    open: async (plan, appended, { stream }) => {
      const [row] = await app.gated.openRecords(plan.items.map(({ id, revision }) => ({ recordId: id, revision })));
      if (row?.personal === undefined) return undefined;
      const [said] = await app.openPersonal([row.personal]);
      if (said === undefined || said === 'erased') return undefined;
      const { content: where } = said as RecordPersonal;
      const bytes = await app.openContent(stream, where.id, parseBase64Url(where.hash) as Uint8Array);
      if (bytes === undefined || bytes === 'erased') return undefined;
      return { event: eventOf(appended), mediaType: where.mediaType, text: fromUtf8(bytes), hash: where.hash };
    },
  });
}
