import type { EventDeclaration } from '../kernel/event.ts';
import { ACCESS_EVENTS, type AccessEvent, type NewAccessEvent } from './access/events.ts';
import { CODE_EVENTS, type CodeEvent, type NewCodeEvent } from './code/events.ts';
import { COMMAND_EVENTS, type CommandEvent, type NewCommandEvent } from './command/events.ts';
import { CONSENT_EVENTS, type ConsentEvent, type NewConsentEvent } from './consent/events.ts';
import { IDENTITY_EVENTS, type IdentityEvent, type NewIdentityEvent } from './identity/events.ts';
import { INSTITUTION_EVENTS, type InstitutionEvent, type NewInstitutionEvent } from './institution/events.ts';
import { LEDGER_EVENTS, type LedgerEvent, type NewLedgerEvent } from './ledger/events.ts';
import { type NewPractitionerEvent, PRACTITIONER_EVENTS, type PractitionerEvent } from './practitioner/events.ts';
import { type NewRecordEvent, RECORD_EVENTS, type RecordEvent } from './record/events.ts';

/** Every event type there is. `npm run generate` prints it to schema/events.json. */
const ALL: readonly EventDeclaration[] = [
  ...IDENTITY_EVENTS,
  ...CODE_EVENTS,
  ...CONSENT_EVENTS,
  ...RECORD_EVENTS,
  ...ACCESS_EVENTS,
  ...INSTITUTION_EVENTS,
  ...PRACTITIONER_EVENTS,
  ...LEDGER_EVENTS,
  ...COMMAND_EVENTS,
];

export const CATALOGUE: ReadonlyMap<string, EventDeclaration> = new Map(ALL.map((d) => [d.type, d]));

export type AnyEvent =
  | IdentityEvent
  | CodeEvent
  | ConsentEvent
  | RecordEvent
  | AccessEvent
  | InstitutionEvent
  | PractitionerEvent
  | LedgerEvent
  | CommandEvent;

export type AnyNewEvent =
  | NewIdentityEvent
  | NewCodeEvent
  | NewConsentEvent
  | NewRecordEvent
  | NewAccessEvent
  | NewInstitutionEvent
  | NewPractitionerEvent
  | NewLedgerEvent
  | NewCommandEvent;
