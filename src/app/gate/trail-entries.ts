import { type EventId, isId16 } from '../../kernel/id.ts';
import type { TrailRow } from '../../reads/gated/trail.ts';
import type { NamedRef, TrailEntry } from '../api.ts';
import { type Names, namesOf } from '../names.ts';
import type { GateApp } from './gate-app.ts';

/** The accesses behind these events, newest first, with the names of people and organisations as they were. */
export async function openEntries(app: GateApp, events: readonly EventId[]): Promise<Omit<TrailEntry, 'cursor'>[]> {
  const rows = await app.gated.openTrail(events);
  const [details, names] = await Promise.all([
    app.openRetained(rows.map((row) => row.retained)),
    namesOf(app, {
      institutions: rows.flatMap((row) =>
        row.organisation === null ? [] : [{ id: row.organisation, revision: row.institutionRevision }],
      ),
      practitioners: rows.flatMap((row) => {
        const id = practitionerOf(row);
        return id === undefined ? [] : [{ id, revision: row.practitionerRevision }];
      }),
    }),
  ]);
  return rows.flatMap((row, i) => {
    const retained = details[i];
    // A row whose details have expired is swept with them; until then it says nothing of anybody.
    if (retained === undefined || row.actorKind === null || row.actorId === null) return [];
    return [
      {
        event: row.eventId,
        kind: row.kind,
        time: row.time,
        actorKind: row.actorKind,
        actor: actorOf(row, row.actorId, names),
        organisation: row.organisation === null ? null : names.institution(row.organisation, row.institutionRevision),
        purpose: row.purpose,
        trace: row.trace,
        details: retained === 'expired' ? null : detailsOf(retained),
      },
    ];
  });
}

function practitionerOf(row: TrailRow) {
  return row.actorKind === 'practitioner' && row.actorId !== null && isId16(row.actorId) ? row.actorId : undefined;
}

/** Officers are known by pseudonym and organisation, residents by label; only practitioners have names here. */
function actorOf(row: TrailRow, id: string, names: Names): NamedRef {
  return practitionerOf(row) === undefined ? { id, name: null } : names.practitioner(id, row.practitionerRevision);
}

function detailsOf(retained: Record<string, unknown>): NonNullable<TrailEntry['details']> {
  const said = retained as {
    rule?: string;
    basis?: string;
    policy?: string;
    selection?: { what: string; categories?: readonly string[] };
    grants?: readonly string[];
    served?: { categories?: readonly string[]; count: number; root: string };
  };
  return {
    rule: said.rule ?? null,
    basis: said.basis ?? null,
    policy: said.policy ?? null,
    what: said.selection?.what ?? null,
    categories: said.served?.categories ?? said.selection?.categories ?? [],
    count: said.served?.count ?? null,
    grants: said.grants ?? [],
    servedRoot: said.served?.root ?? null,
  };
}
