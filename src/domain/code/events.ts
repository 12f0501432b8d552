import { declareEvent, type NewEvent, type PastEvent } from '../../kernel/event.ts';
import * as f from '../../kernel/field.ts';

/** 电子健康码. A code is opaque and random; its text is personal. `codeRef` = HMAC(tagKey, …) names it in retained parts. */

export const codeIssued = declareEvent({
  type: 'code.issued@1',
  retention: 'life',
  retained: { codeRef: f.mark(), kind: f.oneOf('static') },
  personal: { code: f.text(128) },
});

export const codeSuspended = declareEvent({
  type: 'code.suspended@1',
  retention: 'life',
  retained: { codeRef: f.mark(), reason: f.oneOf('resident', 'lost', 'misuse', 'office') },
  personal: {},
});

export const codeResumed = declareEvent({
  type: 'code.resumed@1',
  retention: 'life',
  retained: { codeRef: f.mark() },
  personal: {},
});

export const codeClosed = declareEvent({
  type: 'code.closed@1',
  retention: 'life',
  retained: { codeRef: f.mark(), reason: f.oneOf('resident', 'office', 'replaced', 'deceased') },
  personal: {},
});

export const CODE_EVENTS = [codeIssued, codeSuspended, codeResumed, codeClosed] as const;
export type CodeEvent = PastEvent<(typeof CODE_EVENTS)[number]>;
export type NewCodeEvent = NewEvent<(typeof CODE_EVENTS)[number]>;
