import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseTraceparent } from './traceparent.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('a traceparent', () => {
  it.each([
    ['sampled', `00-${TRACE}-${SPAN}-01`, true],
    ['not sampled', `00-${TRACE}-${SPAN}-00`, false],
    ['with flags that nobody knows yet', `00-${TRACE}-${SPAN}-ff`, true],
    ['of a later version, with more behind it', `cc-${TRACE}-${SPAN}-01-what-comes`, true],
    ['of a later version', `01-${TRACE}-${SPAN}-00`, false],
  ])('%s says its trace, its span and whether it is sampled', (_, text, sampled) => {
    expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, sampled });
  });

  it.each([
    ['nothing', ''],
    ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['the version that there never is', `ff-${TRACE}-${SPAN}-01`],
    ['more behind version 00', `00-${TRACE}-${SPAN}-01-more`],
    ['more without a hyphen', `01-${TRACE}-${SPAN}-01more`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a trace that is too short', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['space around it', ` 00-${TRACE}-${SPAN}-01`],
    ['a line behind it', `00-${TRACE}-${SPAN}-01\n`],
    ['a name', '张三'],
    ['a later version without end', `cc-${TRACE}-${SPAN}-01-${'a'.repeat(600)}`],
  ])('that is %s is none', (_, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });

  property.prop([fc.string()])('that is any other text never throws, and gives hex alone', (text) => {
    const found = parseTraceparent(text);
    if (found !== undefined) expect(`${found.traceId}${found.spanId}`).toMatch(/^[0-9a-f]{48}$/);
  });
});
