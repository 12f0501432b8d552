/** What a decision rested on that stands in no event, or only in a personal part, which replay never opens. */
export const NOT_RECOMPUTED = {
  'code-shown':
    'which of a resident’s codes was shown: its text is personal, so every code that they have had is tried',
  'code-unknown': 'that nobody stood behind a code: claims are no events; only the asker and the policy are recomputed',
  cursor: 'that a cursor was not this actor’s: cursors are sealed and kept nowhere',
  'record-named': 'that a named record was not this actor’s to name, or not found: node ids are kept nowhere',
  'served-set': 'which records were served: ids and salt are personal; npm run fsck opens them and compares their root',
  'served-trail': 'which entries of a trail were served: they are named by their root only',
  marks: 'marks of labels, sources, documents, codes and sign-ins: what they are made of is personal',
  contacts: 'which contacts were given: they are personal; that some were is retained',
  'id-card': 'check digit, birth date and sex of an identity card: personal',
  'death-instant': 'that a death was not reported before it happened: the instant is personal',
  restored: 'what a data folder had seen of a ledger whose end is gone',
  overtaken:
    'how a process found that an append was overtaken: it looked when that was durable, at what may stand behind it',
  'source-identity': 'which organisation’s file a record came from: an import is the operator’s',
} as const;

export type NotRecomputed = keyof typeof NOT_RECOMPUTED;
