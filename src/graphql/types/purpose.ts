import type { Purpose } from '../../domain/terms.ts';
import { wireEnum } from '../wire-enum.ts';

export const PurposeEnum = wireEnum<Purpose>(
  'Purpose',
  'Purpose of use, HL7 v3-ActReason. A permit on a purpose covers those below it: TREAT ⊃ ETREAT ⊃ BTG, HRESCH ⊃ DSRCH and CLINTRCH, PATRQT ⊃ FAMRQT.',
  {
    TREAT: 'Treatment (诊疗).',
    ETREAT: 'Emergency treatment (急诊).',
    BTG: 'Break the glass: emergency access without consent. Not offered yet.',
    HPAYMT: 'Payment of health care (医保支付).',
    HOPERAT: 'Running a health organisation.',
    HRESCH: 'Health research.',
    DSRCH: 'Disease-specific research.',
    CLINTRCH: 'A clinical trial.',
    PUBHLTH: 'Public health (公共卫生).',
    PATRQT: 'At the resident’s own request.',
    FAMRQT: 'At the request of the resident’s family.',
    CAREMGT: 'Care management, such as by a family doctor (家庭医生).',
  },
);
