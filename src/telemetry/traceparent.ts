/** The header of W3C Trace Context, level 1; a later version is read by the part that it has in common with this one. */
const FORM = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

export interface Traceparent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/**
 * Undefined for whatever is not of that form: the request then begins a trace of its own. Anybody can send one, so nothing is believed of
 * it but 24 bytes of somebody's choice. `tracestate` is not looked at: it is free text, and would travel with every span.
 */
export function parseTraceparent(text: string): Traceparent | undefined {
  if (text.length > 512) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = FORM.exec(text) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
