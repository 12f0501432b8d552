import type { Id16, Label } from '../../kernel/id.ts';
import type { Sql } from '../../postgres/pools.ts';
import type { SealedRef } from '../../vault/port.ts';
import type { Page } from '../page.ts';
import { reaching } from '../reaching.ts';
import { type CodeStateRow, codeStatesOf } from './code-states.ts';
import { type ConsentList, type ConsentListRequest, consentsOf, consentsTo } from './consents.ts';
import {
  type InstitutionRow,
  institution,
  institutionNamesAt,
  institutions,
  type NameAt,
  type PartyListRequest,
  type PractitionerRow,
  practitioner,
  practitionerNamesAt,
  practitioners,
} from './parties.ts';

/** What is not clinical: consents, codes without their text, organisations and people at work. Policy is the caller's. All throw `reads-unavailable` while the database is away. */
export interface OpenReads {
  consentsOf(label: Label, request: ConsentListRequest): Promise<ConsentList>;
  consentsTo(institution: Id16, request: ConsentListRequest): Promise<ConsentList>;
  codeStatesOf(label: Label): Promise<CodeStateRow[]>;
  institution(id: Id16): Promise<InstitutionRow | undefined>;
  institutions(request: PartyListRequest & { readonly region?: string }): Promise<Page<InstitutionRow>>;
  practitioner(id: Id16): Promise<PractitionerRow | undefined>;
  practitioners(request: PartyListRequest & { readonly organisation?: Id16 }): Promise<Page<PractitionerRow>>;
  /** Retained parts whose `name` is the name as it was; one answer a question, in order. */
  institutionNamesAt(asked: readonly NameAt[]): Promise<(SealedRef | undefined)[]>;
  practitionerNamesAt(asked: readonly NameAt[]): Promise<(SealedRef | undefined)[]>;
}

export function openReads(sql: Sql): OpenReads {
  return reaching({
    consentsOf: (label, request) => consentsOf(sql, label, request),
    consentsTo: (institution, request) => consentsTo(sql, institution, request),
    codeStatesOf: (label) => codeStatesOf(sql, label),
    institution: (id) => institution(sql, id),
    institutions: (request) => institutions(sql, request),
    practitioner: (id) => practitioner(sql, id),
    practitioners: (request) => practitioners(sql, request),
    institutionNamesAt: (asked) => institutionNamesAt(sql, asked),
    practitionerNamesAt: (asked) => practitionerNamesAt(sql, asked),
  });
}
