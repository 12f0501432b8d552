import { accessTrail as rows } from '../schema/tables/reads.ts';
import { ACCESS_EVENTS } from '../src/domain/access/events.ts';
import { type Id16, institutionStream, kindOf, type Label, practitionerStream, subjectOf } from '../src/kernel/id.ts';
import { defineProjection, type ProjectedOf, retainedColumns, seenRevision } from '../src/projector/define.ts';

type Row = typeof rows.$inferSelect;
type Event = ProjectedOf<(typeof ACCESS_EVENTS)[number]>;

/** One row an access event, never changed afterwards. */
export const accessTrail = defineProjection({
  name: 'access-trail',
  version: 1,
  rows,
  reads: ACCESS_EVENTS,
  key: (event) => event.id,
  evolve(_row, event): Row | null {
    switch (event.type) {
      case 'access.permitted@1':
        return {
          ...columns(event),
          kind: 'permitted',
          purpose: event.retained === 'expired' ? null : event.retained.purpose,
        };
      case 'access.denied@1':
        return {
          ...columns(event),
          kind: 'denied',
          purpose: event.retained === 'expired' ? null : event.retained.purpose,
        };
      case 'access.missed@1':
        return {
          ...columns(event),
          kind: 'missed',
          purpose: event.retained === 'expired' ? null : event.retained.purpose,
        };
      case 'access.log-read@1':
        // A purpose in its filter is what was looked for, not what for.
        return { ...columns(event), kind: 'log-read', purpose: null };
      case 'access.withheld@1':
        return {
          ...columns(event),
          kind: 'withheld',
          purpose: event.retained === 'expired' ? null : (event.retained.purpose ?? null),
        };
    }
  },
});

function columns(event: Event) {
  return {
    eventId: event.id,
    ordinal: event.ordinal,
    stream: event.stream,
    revision: event.revision,
    eventType: event.type,
    time: event.time,
    label: kindOf(event.stream) === 'resident' ? (subjectOf(event.stream) as Label) : null,
    ...actorColumns(event),
    ...retainedColumns(event.sealedRetained),
  };
}

/** Once the retention of the details has ended, the row still says when something happened in whose account. */
function actorColumns(event: Event) {
  const nobody = {
    actorKind: null,
    actorId: null,
    organisation: null,
    onBehalfOf: null,
    trace: null,
    practitionerRevision: null,
    institutionRevision: null,
  };
  if (event.retained === 'expired') return nobody;
  const { by, trace } = event.retained;
  return {
    actorKind: by.kind,
    actorId: by.id,
    organisation: by.organisation ?? null,
    onBehalfOf: by.onBehalfOf ?? null,
    trace: trace ?? null,
    practitionerRevision:
      by.kind === 'practitioner' ? seenRevision(event.retained, practitionerStream(by.id as Id16)) : null,
    institutionRevision:
      by.organisation === undefined ? null : seenRevision(event.retained, institutionStream(by.organisation)),
  };
}
