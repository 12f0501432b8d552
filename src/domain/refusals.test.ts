import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { REFUSAL_CODES, REFUSALS, tellsOfSubject } from './refusals.ts';

/** Codes that use cases and the edge give; every other one is some decider's. */
const OF_USE_CASES = ['not-available', 'request-id-reused', 'token-ended', 'document-conflict'];

const root = fileURLToPath(new URL('.', import.meta.url));
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.startsWith('refusals'))
  .map((path) => readFileSync(`${root}/${path}`, 'utf8'));

describe('every refusal', () => {
  it.each(REFUSAL_CODES)('%s is one sentence that says what to try next', (code) => {
    const { message } = REFUSALS[code];
    expect(message).toMatch(/^[A-Z][^.!?]+: [^.!?]+\.$/u);
    expect(message.length).toBeLessThanOrEqual(160);
  });

  it('is given by some rule: none is listed in vain', () => {
    expect(sources.length).toBeGreaterThan(30);
    const unused = REFUSAL_CODES.filter((code) => !sources.some((source) => source.includes(`'${code}'`)));
    expect(unused).toEqual(OF_USE_CASES.toSorted());
  });

  it('that tells of the resident is marked, so that only the resident and the office hear it', () => {
    for (const code of ['deceased', 'code-closed', 'no-live-code', 'too-many-requests', 'not-registered'] as const) {
      expect(tellsOfSubject(code)).toBe(true);
    }
    for (const code of ['not-available', 'unknown-actor', 'validity-too-long', 'not-own-grantee'] as const) {
      expect(tellsOfSubject(code)).toBe(false);
    }
  });
});
