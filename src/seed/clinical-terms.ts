/** Words of the invented records: usual diagnoses, medicines and tests with their public codes. */

export interface Concept {
  readonly coding?: readonly { readonly system: string; readonly code: string; readonly display: string }[];
  readonly text: string;
}

const ICD10 = 'http://hl7.org/fhir/sid/icd-10';
const LOINC = 'http://loinc.org';
const ATC = 'http://www.whocc.no/atc';

const concept = (system: string, code: string, text: string): Concept => ({
  coding: [{ system, code, display: text }],
  text,
});

/** Each with the medicine that is given for it. */
export const COMMON: readonly { readonly diagnosis: Concept; readonly medicine: Concept }[] = [
  { diagnosis: concept(ICD10, 'J06.9', '急性上呼吸道感染'), medicine: concept(ATC, 'J01CA04', '阿莫西林胶囊 0.5g') },
  { diagnosis: concept(ICD10, 'I10', '原发性高血压'), medicine: concept(ATC, 'C08CA01', '苯磺酸氨氯地平片 5mg') },
  { diagnosis: concept(ICD10, 'E11.9', '2型糖尿病'), medicine: concept(ATC, 'A10BA02', '盐酸二甲双胍片 0.5g') },
  { diagnosis: concept(ICD10, 'K29.5', '慢性胃炎'), medicine: concept(ATC, 'A02BC01', '奥美拉唑肠溶胶囊 20mg') },
  { diagnosis: concept(ICD10, 'M54.5', '腰痛'), medicine: concept(ATC, 'M01AE01', '布洛芬缓释胶囊 0.3g') },
];

export const DEPRESSION = concept(ICD10, 'F32.9', '抑郁发作');
export const SERTRALINE = concept(ATC, 'N06AB06', '盐酸舍曲林片 50mg');
export const HIV_TEST = concept(LOINC, '56888-1', 'HIV 抗原抗体联合检测');
export const BLOOD_COUNT = concept(LOINC, '58410-2', '血常规');
export const VITAL_SIGNS: readonly { readonly what: Concept; readonly from: number; readonly unit: string }[] = [
  { what: concept(LOINC, '29463-7', '体重'), from: 45, unit: 'kg' },
  { what: concept(LOINC, '8480-6', '收缩压'), from: 100, unit: 'mm[Hg]' },
];

export const VACCINES = ['乙型肝炎疫苗', '流感疫苗', '麻腮风联合减毒活疫苗', '23价肺炎球菌多糖疫苗'] as const;
export const ALLERGIES = ['青霉素过敏', '磺胺类药物过敏', '海鲜过敏'] as const;
export const IMAGES = ['胸部CT平扫', '膝关节MRI', '腹部超声'] as const;

/** `meta` of what the law calls sensitive: its kind, and restricted. */
export function labelled(sensitivity: 'PSY' | 'HIV'): object {
  return {
    security: [
      { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: sensitivity },
    ],
  };
}
