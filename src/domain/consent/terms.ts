import * as f from '../../kernel/field.ts';
import { category, labelCode, period, purpose } from '../terms.ts';

/** To whom: a whole organisation, or one practitioner while affiliated to one organisation. */
export const grantee = () =>
  f.object({
    kind: f.oneOf('institution', 'practitioner'),
    institution: f.id16(),
    practitioner: f.optional(f.id16()),
  });
export type Grantee = f.Infer<ReturnType<typeof grantee>>;

/** What a request asks for and a grant gives. All of it stands in the retained part. */
export const consentTerms = () =>
  f.refined(
    f.object({
      grantee: f.refined(
        grantee(),
        (value) => (value.kind === 'practitioner') === (value.practitioner !== undefined),
        'a practitioner is named exactly when the grantee is one',
      ),
      /** Each covers its sub-codes. */
      purposes: f.setOf(purpose(), 12, 1),
      categories: f.setOf(category(), 9, 1),
      /** Labelled records (sensitivity, confidentiality R and V) that are included; all others of that kind are left out. */
      labels: f.setOf(labelCode(), 10),
      /** Which days' data. */
      period: period(),
      /** From when until when the grant may be used; `until` is not included. */
      validFrom: f.instant(),
      validUntil: f.instant(),
    }),
    (value) => value.validFrom < value.validUntil,
    'ends before it begins',
  );
export type ConsentTerms = f.Infer<ReturnType<typeof consentTerms>>;

/** What the resident saw and how they said yes (PIPL 14, 17, 29). */
export const evidence = () =>
  f.object({
    noticeHash: f.bytes32(),
    noticeVersion: f.text(32),
    language: f.pattern(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, 'language-tag'),
    /** WS/T channel: 0100 人工窗口, 0200 自助机, 0300 医生工作台, 0402 小程序 … */
    channel: f.pattern(/^\d{4}$/, 'channel'),
    authentication: f.oneOf('password', 'sms', 'face', 'id-card', 'paper', 'token'),
  });
export type Evidence = f.Infer<ReturnType<typeof evidence>>;
