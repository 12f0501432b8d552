/**
 * Every way in which a rule says no: one code, one constant sentence that says what to try next and names nobody.
 * `about` says of whom the answer tells something. `subject`: of the resident behind the code. Such a refusal is shown to the
 * resident and to the health-code office only; to any other asker the edge answers as if nobody stood behind the code
 * (ledger.md §5, "No oracle"). `asker`: of the asker, of what the asker sent, or of what is public.
 */
interface RefusalText {
  readonly about: 'asker' | 'subject';
  readonly message: string;
}

export const REFUSALS = {
  // Of the edge and the use cases.
  'not-available': {
    about: 'asker',
    message: 'Nothing is available to you here: check the code, ask the resident for consent, or try another purpose.',
  },
  'request-id-reused': {
    about: 'asker',
    message: 'This requestId was used for something else before: send the command again under a new one.',
  },
  'token-ended': {
    about: 'asker',
    message: 'Your token ended before this was written: sign in again and send it anew.',
  },
  'document-conflict': {
    about: 'asker',
    message: 'These documents belong to different residents, so nothing was taken: check them and register each alone.',
  },
  'not-permitted': {
    about: 'asker',
    message: 'This is not yours to do: ask the resident, or the office that is responsible.',
  },

  // Who asks.
  'unknown-actor': {
    about: 'asker',
    message: 'The practitioner or the organisation is not registered: ask the regulator to register it.',
  },
  'actor-ended': {
    about: 'asker',
    message: 'The registration of the practitioner or the organisation has ended: ask the regulator.',
  },
  'not-affiliated': {
    about: 'asker',
    message: 'The practitioner does not work in this organisation: use the right token, or have the affiliation added.',
  },

  // Identity and code.
  'not-registered': { about: 'subject', message: 'Nobody is registered here: have the person registered first.' },
  deceased: { about: 'subject', message: 'The resident has died, and nothing can be changed: ask the regulator.' },
  'document-missing': { about: 'asker', message: 'A person is registered by a document: give at least one.' },
  'id-card-invalid': {
    about: 'asker',
    message: 'This is no valid identity card number: compare it, its check character included, with the card.',
  },
  'id-card-mismatch': {
    about: 'asker',
    message: 'The birth date or sex differs from what the identity card number says: correct the one that is wrong.',
  },
  'too-many-documents': {
    about: 'subject',
    message: 'No more documents can be linked: leave out those that do not matter.',
  },
  'too-many-logins': { about: 'subject', message: 'No more sign-ins can be bound: use one that is bound already.' },
  'death-in-future': { about: 'asker', message: 'A death cannot be reported before it happened: correct the instant.' },
  'no-such-code': { about: 'subject', message: 'There is no such code: check it, or have one issued.' },
  'code-closed': { about: 'subject', message: 'The code is closed for good: have a new one issued.' },
  'code-not-live': { about: 'subject', message: 'The code cannot be used now: ask the resident to show a live one.' },
  'no-live-code': { about: 'subject', message: 'The resident has no live code: have one issued first.' },
  'suspended-by-office': {
    about: 'subject',
    message: 'The office suspended this code, so only the office can resume it: ask there.',
  },

  // Consent.
  'not-own-grantee': {
    about: 'asker',
    message: 'Consent is asked for the organisation of your token or for yourself: correct the grantee.',
  },
  'grantee-not-available': {
    about: 'asker',
    message: 'The grantee is not registered, has ended or does not work there: choose another grantee.',
  },
  'purpose-not-grantable': {
    about: 'asker',
    message: 'A resident’s own purposes are nobody else’s: choose another purpose.',
  },
  'validity-over': { about: 'asker', message: 'The validity ends before now: choose a later end.' },
  'validity-too-long': {
    about: 'asker',
    message: 'Consent holds for five years from now at most: choose an earlier end.',
  },
  'answer-by-out-of-range': {
    about: 'asker',
    message: 'A request waits for its answer from now up to 30 days: choose another answerBy.',
  },
  'too-many-requests': {
    about: 'subject',
    message: 'Too many requests wait for an answer: wait until some are answered or expire.',
  },
  'too-many-grants': {
    about: 'subject',
    message: 'Too many grants are live: revoke those that are not needed any more.',
  },
  'no-such-request': { about: 'subject', message: 'There is no such request: look it up among your pending ones.' },
  'no-such-consent': { about: 'subject', message: 'There is no such grant: look it up among your consents.' },
  'request-expired': {
    about: 'subject',
    message: 'The request has expired: have it asked again, or grant without a request.',
  },
  'request-answered': {
    about: 'subject',
    message: 'The request has its answer already: revoke the grant, or grant anew.',
  },
  'grant-exceeds-request': {
    about: 'subject',
    message: 'The grant gives more than the request asks: narrow it in every respect to the request.',
  },
  'id-taken': {
    about: 'asker',
    message: 'This id stands for something else already: send the command again under a new one.',
  },

  // Record.
  'not-custodian': {
    about: 'asker',
    message: 'A record is its custodian’s to register, replace or withdraw: use a token of the custodian.',
  },
  'no-such-record': { about: 'subject', message: 'There is no such record: check its source, or register it.' },
  'record-withdrawn': {
    about: 'subject',
    message: 'The record was withdrawn and takes no new version: register it from a new source document.',
  },
  'source-fixed': {
    about: 'subject',
    message: 'A record keeps its source document and its index: register another source as another record.',
  },

  // Institutions, practitioners, the ledger's own account.
  'no-such-institution': { about: 'asker', message: 'The organisation is not registered: register it first.' },
  'institution-ended': {
    about: 'asker',
    message: 'The organisation has ended and takes no change: register its successor.',
  },
  'no-such-practitioner': { about: 'asker', message: 'The practitioner is not registered: register the person first.' },
  'practitioner-ended': {
    about: 'asker',
    message:
      'The practitioner’s registration has ended and takes no change: register the person anew under a new number.',
  },
  'too-many-identifiers': {
    about: 'asker',
    message: 'No more identifiers can be added: leave out those that do not matter.',
  },
  'too-many-affiliations': {
    about: 'asker',
    message: 'No more affiliations can be added: end those that do not hold any more.',
  },
  'ledger-not-open': { about: 'asker', message: 'The ledger is not opened yet: start the platform once.' },
  'ledger-opened-otherwise': {
    about: 'asker',
    message: 'The ledger was opened under another origin or region: use its own settings, or another database.',
  },
  'policy-rule-invalid': {
    about: 'asker',
    message:
      'A rule of the policy breaks the form: give each its own id, organisations to statutory rules only, no purpose of the resident’s own.',
  },
  'policy-too-many-rules': {
    about: 'asker',
    message: 'More than 16 rules cover one purpose: merge some of them.',
  },
} as const satisfies Readonly<Record<string, RefusalText>>;

export type RefusalCode = keyof typeof REFUSALS;
export const REFUSAL_CODES = Object.keys(REFUSALS).sort() as readonly RefusalCode[];

/** True when the refusal tells something of the resident behind a code, so that only the resident and the office may hear it. */
export function tellsOfSubject(code: RefusalCode): boolean {
  return REFUSALS[code].about === 'subject';
}
