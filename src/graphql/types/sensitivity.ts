import type { Sensitivity } from '../../domain/terms.ts';
import { wireEnum } from '../wire-enum.ts';

/** What sensitivities and labels say alike. */
export const SENSITIVITY_TEXTS: { readonly [S in Sensitivity]: string } = {
  ETH: 'Substance use.',
  GDIS: 'Genetic disease.',
  HIV: 'HIV and AIDS.',
  OPIOIDUD: 'Opioid use disorder.',
  PSY: 'Psychiatric disorder.',
  SDV: 'Sexual assault, abuse or domestic violence.',
  SEX: 'Sexuality and reproductive health.',
  STD: 'Sexually transmitted disease.',
};

export const SensitivityEnum = wireEnum<Sensitivity>(
  'Sensitivity',
  'Sensitivity of a record, HL7 v3-ActCode.',
  SENSITIVITY_TEXTS,
);
