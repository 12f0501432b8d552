import * as f from '../kernel/field.ts';

/** Words that several aggregates share: purposes, categories, sensitivity, periods. */

/** Purpose of use, v3-ActReason, with each code's parent: a permit on a code covers its sub-codes. */
const PURPOSE_PARENT = {
  TREAT: null,
  ETREAT: 'TREAT',
  BTG: 'ETREAT',
  HPAYMT: null,
  HOPERAT: null,
  HRESCH: null,
  DSRCH: 'HRESCH',
  CLINTRCH: 'HRESCH',
  PUBHLTH: null,
  PATRQT: null,
  FAMRQT: 'PATRQT',
  CAREMGT: null,
} as const;

export type Purpose = keyof typeof PURPOSE_PARENT;
export const PURPOSES = Object.keys(PURPOSE_PARENT).sort() as Purpose[];
export const purpose = (): f.Field<Purpose> => f.oneOf(...PURPOSES);

/** True when `permitted` is `asked` or one of its ancestors. */
export function purposeCovers(permitted: Purpose, asked: Purpose): boolean {
  for (let code: Purpose | null = asked; code !== null; code = PURPOSE_PARENT[code]) {
    if (code === permitted) return true;
  }
  return false;
}

/** Record categories for consent (FHIR and ABDM groups). */
export const CATEGORIES = [
  'diagnostic-report',
  'discharge-summary',
  'health-document',
  'imaging',
  'immunisation',
  'invoice',
  'outpatient',
  'prescription',
  'wellness',
] as const;
export type Category = (typeof CATEGORIES)[number];
export const category = (): f.Field<Category> => f.oneOf(...CATEGORIES);

/** EHR: the lifelong health record (居民电子健康档案). EMR: the clinical record (电子病历). */
export const RECORD_INDEXES = ['EHR', 'EMR'] as const;
export type RecordIndex = (typeof RECORD_INDEXES)[number];
export const recordIndex = (): f.Field<RecordIndex> => f.oneOf(...RECORD_INDEXES);

/** v3-ActCode sensitivity policies. */
export const SENSITIVITIES = ['ETH', 'GDIS', 'HIV', 'OPIOIDUD', 'PSY', 'SDV', 'SEX', 'STD'] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];
export const sensitivity = (): f.Field<Sensitivity> => f.oneOf(...SENSITIVITIES);

/** v3-Confidentiality from least to most: U < L < M < N < R < V. GB/T 39725-2020 levels 1–3 are N, 4 is R, 5 is V. */
export const CONFIDENTIALITIES = ['U', 'L', 'M', 'N', 'R', 'V'] as const;
export type Confidentiality = (typeof CONFIDENTIALITIES)[number];
export const confidentiality = (): f.Field<Confidentiality> => f.oneOf(...CONFIDENTIALITIES);

/** A code whose presence on a record hides it unless a permit names the code: every sensitivity, and confidentiality R and V. */
export const LABELS = [...SENSITIVITIES, 'R', 'V'].sort() as readonly Label[];
export type Label = Sensitivity | 'R' | 'V';
export const labelCode = (): f.Field<Label> => f.oneOf(...LABELS);

/** Days, both ends included. */
export const period = () =>
  f.refined(f.object({ from: f.day(), to: f.day() }), (value) => value.from <= value.to, 'ends before it begins');
export type Period = f.Infer<ReturnType<typeof period>>;

/** The days that both have; `undefined` when they have none. */
export function periodOverlap(a: Period, b: Period): Period | undefined {
  const from = a.from > b.from ? a.from : b.from;
  const to = a.to < b.to ? a.to : b.to;
  return from <= to ? { from, to } : undefined;
}

export function periodCovers(outer: Period, inner: Period): boolean {
  return outer.from <= inner.from && inner.to <= outer.to;
}

/** Documents, CV02.01.101: 01 居民身份证 02 居民户口簿 03 护照 04 军官证 05 驾驶证 06 港澳居民来往内地通行证 07 台湾居民来往内地通行证 99 其他; or `fhir:<identifier system>`. */
export const DOCUMENT_TYPES = ['01', '02', '03', '04', '05', '06', '07', '99'] as const;
export const documentType = (): f.Field<string> => f.pattern(/^(?:0[1-7]|99|fhir:[!-~]{1,200})$/, 'document-type');

/** A six-digit GB/T 2260 code or another region's short code. */
export const region = (): f.Field<string> => f.pattern(/^[0-9A-Za-z-]{1,32}$/, 'region');
