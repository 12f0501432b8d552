import { declareEvent, type NewEvent, type PastEvent } from '../../kernel/event.ts';
import * as f from '../../kernel/field.ts';

/** 医疗卫生人员. Professional name and licence are retained; contacts are personal. */

const profile = {
  identifiers: f.list(f.object({ system: f.text(256), number: f.text(128) }), 16, 1),
  name: f.text(256),
  licence: f.optional(f.text(128)),
  title: f.optional(f.text(128)),
  /** Organisations in which the practitioner works, ascending; empty: may not ask for anything. */
  affiliations: f.setOf(f.id16(), 64),
} as const;
const contacts = { phone: f.optional(f.text(64)), address: f.optional(f.text(512)) } as const;

export const practitionerRegistered = declareEvent({
  type: 'practitioner.registered@1',
  retention: 'life',
  retained: { ...profile, contacts: f.oneOf('given', 'none') },
  personal: contacts,
});

/** The whole profile as it is from now on; contacts as in `institution.changed`. */
export const practitionerChanged = declareEvent({
  type: 'practitioner.changed@1',
  retention: 'life',
  retained: { ...profile, contacts: f.oneOf('given', 'kept', 'none') },
  personal: contacts,
});

export const practitionerEnded = declareEvent({
  type: 'practitioner.ended@1',
  retention: 'life',
  retained: { reason: f.text(128) },
  personal: {},
});

export const PRACTITIONER_EVENTS = [practitionerRegistered, practitionerChanged, practitionerEnded] as const;
export type PractitionerEvent = PastEvent<(typeof PRACTITIONER_EVENTS)[number]>;
export type NewPractitionerEvent = NewEvent<(typeof PRACTITIONER_EVENTS)[number]>;
