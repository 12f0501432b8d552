import { declareEvent, type NewEvent, type PastEvent } from '../../kernel/event.ts';
import * as f from '../../kernel/field.ts';
import { region } from '../terms.ts';

/** 医疗卫生机构. Its fields are retained: an organisation is no person; contacts are. */

const profile = {
  /** Issuing system and number, such as USCC GB 32100. Other identifiers may be added, none taken away. */
  identifiers: f.list(f.object({ system: f.text(256), number: f.text(128) }), 16, 1),
  name: f.text(256),
  region: f.optional(region()),
  /** Hospital level 一级, 二级, 三级; 0 for none. */
  level: f.optional(f.integer(0, 3)),
  kind: f.optional(f.text(64)),
} as const;
const contacts = { phone: f.optional(f.text(64)), address: f.optional(f.text(512)) } as const;

export const institutionRegistered = declareEvent({
  type: 'institution.registered@1',
  retention: 'life',
  retained: { ...profile, contacts: f.oneOf('given', 'none') },
  personal: contacts,
});

/**
 * The whole profile as it is from now on. Contacts: `given` stand in this event and are all there are, `none` are left,
 * `kept` are as they were before (nobody who decides can see them, so they cannot be written again).
 */
export const institutionChanged = declareEvent({
  type: 'institution.changed@1',
  retention: 'life',
  retained: { ...profile, contacts: f.oneOf('given', 'kept', 'none') },
  personal: contacts,
});

export const institutionEnded = declareEvent({
  type: 'institution.ended@1',
  retention: 'life',
  retained: { reason: f.text(128) },
  personal: {},
});

export const INSTITUTION_EVENTS = [institutionRegistered, institutionChanged, institutionEnded] as const;
export type InstitutionEvent = PastEvent<(typeof INSTITUTION_EVENTS)[number]>;
export type NewInstitutionEvent = NewEvent<(typeof INSTITUTION_EVENTS)[number]>;
