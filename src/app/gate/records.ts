import { forbiddenLabels, type Scope } from '../../domain/access/covers.ts';
import type { recordRegistered } from '../../domain/record/events.ts';
import { purpose } from '../../domain/terms.ts';
import type { PersonalOf } from '../../kernel/event.ts';
import * as f from '../../kernel/field.ts';
import type { RecordRow, RecordScope } from '../../reads/gated/records.ts';
import type { StreamKeys } from '../../vault/port.ts';
import type { Caller, PractitionerActor, ResidentActor } from '../actor.ts';
import type { OpenedRecord, RecordPage, RecordSelection } from '../api.ts';
import { parseInput } from '../input.ts';
import { namesOf } from '../names.ts';
import type { Outcome } from '../outcome.ts';
import { type Access, access, eventOf, type Plan } from './access.ts';
import { type CursorPayload, cursorBinding, FIRST_PAGE, openCursor, sealCursor } from './cursor.ts';
import type { GateApp } from './gate-app.ts';
import { sealNodeId } from './node-id.ts';
import { asQuery, chosen, firstOf, RECORD_FIELDS, type RecordInput } from './record-input.ts';
import type { PlannedItem } from './served.ts';

export type RecordPersonal = PersonalOf<typeof recordRegistered>;

/** A decision's scopes as the plan's query takes them: the labels that each leaves out, as this resident's marks. */
export function asQueryScopes(scopes: readonly Scope[], keys: StreamKeys): RecordScope[] {
  return scopes.map((scope) => ({
    categories: scope.categories,
    ...(scope.period === undefined ? {} : { period: scope.period }),
    ...(scope.custodian === undefined ? {} : { custodian: scope.custodian }),
    forbiddenMarks: forbiddenLabels(scope).map((label) => keys.mark(label)),
  }));
}

/** Resident: own records. */
export async function myRecords(
  app: GateApp,
  caller: Caller & { readonly actor: ResidentActor },
  raw: RecordSelection,
): Promise<Outcome<RecordPage>> {
  const input = parseInput(RECORD_FIELDS, raw);
  return records(app, caller, { self: caller.actor.label }, 'PATRQT', input);
}

/** Practitioner: the records behind one health code, for a purpose. */
export async function openRecords(
  app: GateApp,
  caller: Caller & { readonly actor: PractitionerActor },
  raw: RecordSelection & { readonly code: string; readonly purpose: string },
): Promise<Outcome<RecordPage>> {
  const { code, purpose: why, ...input } = parseInput({ ...RECORD_FIELDS, code: f.text(128), purpose: purpose() }, raw);
  return records(app, caller, { code }, why, input);
}

interface PagePlan extends Plan {
  readonly items: readonly (PlannedItem & { readonly key: readonly string[] })[];
  readonly hasNext: boolean;
}

async function records(
  app: GateApp,
  caller: Caller,
  target: Access<PagePlan, RecordPage>['target'],
  why: Access<PagePlan, RecordPage>['purpose'],
  input: RecordInput,
): Promise<Outcome<RecordPage>> {
  const choice = chosen(input);
  const first = firstOf(input);
  const binding = cursorBinding(caller.actor, 'records', asQuery({ ...choice, target: { ...target }, purpose: why }));
  const cursor = input.after === undefined ? FIRST_PAGE : openCursor(app, binding, input.after);
  const page = cursor === 'bad' ? FIRST_PAGE.page : cursor.page;
  return access<PagePlan, RecordPage>(app, {
    caller,
    target,
    purpose: why,
    selection: { what: 'records', ...choice, first, page },
    part: 1,
    mustFind: false,
    plan: async (permitted, { stream, keys }) => {
      if (cursor === 'bad') return undefined;
      const plan = await app.gated.planRecords({
        label: labelOf(stream),
        ...choice,
        scopes: asQueryScopes(permitted.scopes, keys),
        first,
        ...('key' in cursor ? { after: cursor.key as [string, string] } : {}),
      });
      return {
        items: plan.items.map((item) => ({
          id: item.recordId,
          revision: item.revision,
          category: item.category,
          key: item.sortKey,
        })),
        matched: plan.matched,
        hasNext: plan.hasNext,
      };
    },
    open: async (plan, appended) => {
      const next = (key: readonly string[]): CursorPayload => ({ page: page + 1, key });
      const shown = await openRows(app, plan.items, {
        id: (item) => sealNodeId(app, caller.actor, item.id),
        cursor: (item) => sealCursor(app, binding, next(item.key)),
      });
      return {
        event: eventOf(appended),
        records: shown,
        total: plan.matched,
        hasNextPage: plan.hasNext,
        get endCursor() {
          return shown.at(-1)?.cursor ?? null;
        },
      };
    },
  });
}

export function labelOf(stream: string) {
  return stream.slice('resident/'.length) as RecordRow['label'];
}

/** Opens exactly these pairs, in their order; one that was replaced, withdrawn or erased since is left out. */
async function openRows<Item extends PlannedItem>(
  app: GateApp,
  items: readonly Item[],
  seal: { readonly id: (item: Item) => string; readonly cursor: (item: Item) => string },
): Promise<OpenedRecord[]> {
  const rows = await app.gated.openRecords(items.map(({ id, revision }) => ({ recordId: id, revision })));
  const there = rows.flatMap((row) => (row.personal === undefined ? [] : [{ row, ref: row.personal }]));
  const [personal, names] = await Promise.all([
    app.openPersonal(there.map(({ ref }) => ref)),
    namesOf(app, {
      institutions: there.map(({ row }) => {
        const { custodian: id, custodianRevision: revision, custodianNamed: event } = row;
        return { id, revision, event };
      }),
      practitioners: there.flatMap(({ row }) => {
        const { author: id, authorRevision: revision, authorNamed: event } = row;
        return id === null ? [] : [{ id, revision, event }];
      }),
    }),
  ]);
  const places = new Map<string, number>(there.map(({ row }, i) => [row.recordId, i]));
  return items.flatMap((item) => {
    const i = places.get(item.id);
    const part = i === undefined ? undefined : personal[i];
    if (i === undefined || part === undefined || part === 'erased') return [];
    const { row } = there[i] as (typeof there)[number];
    const said = part as RecordPersonal;
    return [
      {
        // Sealed when they are asked for: most clients take the last cursor only.
        get id() {
          return seal.id(item);
        },
        get cursor() {
          return seal.cursor(item);
        },
        index: row.index,
        category: row.category,
        custodian: names.institution(row.custodian, row.custodianRevision),
        author: row.author === null ? null : names.practitioner(row.author, row.authorRevision),
        period: row.period,
        type: said.type,
        code: said.code ?? null,
        title: said.title,
        at: said.at,
        sensitivities: said.sensitivities,
        confidentiality: said.confidentiality,
        contentType: said.content.mediaType,
        contentSize: said.content.size,
      },
    ];
  });
}
