import { describe, expect, it } from 'vitest';
import { securityOf } from './security-label.ts';

const confidentiality = (code: string) => ({
  system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  code,
});
const sensitivity = (code: string) => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code });
const of = (...security: unknown[]) => securityOf({ resourceType: 'Observation', meta: { security } });

describe('security labels', () => {
  it('are N where there is none', () => {
    const none = { sensitivities: [], confidentiality: 'N' };
    expect(securityOf({})).toEqual(none);
    expect(securityOf({ meta: { tag: [confidentiality('V')] } })).toEqual(none);
    expect(of()).toEqual(none);
  });

  it('take the highest confidentiality, also one below N', () => {
    expect(of(confidentiality('N'), confidentiality('R'), confidentiality('L')).confidentiality).toBe('R');
    expect(of(confidentiality('U')).confidentiality).toBe('U');
  });

  it('give known sensitivities once, in ascending order, and leave confidentiality at N', () => {
    expect(of(sensitivity('PSY'), sensitivity('HIV'), sensitivity('PSY'))).toEqual({
      sensitivities: ['HIV', 'PSY'],
      confidentiality: 'N',
    });
  });

  it.each([
    ['an unknown confidentiality', confidentiality('X')],
    ['an unknown sensitivity', sensitivity('TABOO')],
    ['a known code of another system', { system: 'urn:other', code: 'N' }],
    ['a code without a system', { code: 'HIV' }],
    ['an inherited name', confidentiality('constructor')],
    ['text', 'R'],
    ['nothing', null],
  ])('close for %s', (_what, label) => {
    expect(of(label).confidentiality).toBe('V');
    expect(of(confidentiality('U'), label).confidentiality).toBe('V');
  });
});
