import type { OpenedRecord } from '../../app/api.ts';
import type { Confidentiality, Sensitivity } from '../../domain/terms.ts';
import { builder } from '../builder.ts';
import { CategoryEnum } from './category.ts';
import { CodingType } from './coding.ts';
import { ConfidentialityEnum } from './confidentiality.ts';
import { InstantScalar } from './instant.ts';
import { NamedRefType } from './named-ref.ts';
import { PeriodType } from './period.ts';
import { RecordIndexEnum } from './record-index.ts';
import { SensitivityEnum } from './sensitivity.ts';

export const RecordType = builder.objectRef<OpenedRecord>('Record').implement({
  description: 'One index entry: a clinical or health document, and where its content lies.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque. Names the record to `content` for this actor only.' }),
    index: t.expose('index', { type: RecordIndexEnum, description: 'Which index it stands in.' }),
    category: t.expose('category', { type: CategoryEnum, description: 'Category, as consents name it.' }),
    custodian: t.expose('custodian', {
      type: NamedRefType,
      description: 'The organisation that registered it and answers for it.',
    }),
    author: t.expose('author', {
      type: NamedRefType,
      nullable: true,
      description: 'Who wrote it, when that is known.',
    }),
    period: t.expose('period', { type: PeriodType, description: 'The days that the data are of.' }),
    type: t.exposeString('type', { description: 'Type of the source document, such as `Observation`.' }),
    code: t.expose('code', { type: CodingType, nullable: true, description: 'Its code, when it has one.' }),
    title: t.exposeString('title', { description: 'Title.' }),
    at: t.field({ type: InstantScalar, description: 'The clinical instant.', resolve: ({ at }) => at }),
    sensitivities: t.field({
      type: [SensitivityEnum],
      description: 'Sensitivity codes.',
      resolve: ({ sensitivities }) => sensitivities as Sensitivity[],
    }),
    confidentiality: t.field({
      type: ConfidentialityEnum,
      description: 'Confidentiality.',
      resolve: ({ confidentiality }) => confidentiality as Confidentiality,
    }),
    contentType: t.exposeString('contentType', { description: 'Media type of the content.' }),
    contentSize: t.exposeInt('contentSize', { description: 'Size of the content in bytes.' }),
  }),
});
