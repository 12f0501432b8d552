import { builder } from '../builder.ts';
import { CategoryEnum } from './category.ts';
import { CodingInput } from './coding-input.ts';
import { ConfidentialityEnum } from './confidentiality.ts';
import { InstantScalar } from './instant.ts';
import { PeriodInput } from './period-input.ts';
import { RecordIndexEnum } from './record-index.ts';
import { SensitivityEnum } from './sensitivity.ts';

export const RegisterRecordInput = builder.inputType('RegisterRecordInput', {
  description:
    'A record of the token’s organisation. The same source with another content replaces the record; with the same content it changes nothing.',
  fields: (t) => ({
    code: t.string({ description: 'A health code of the resident.' }),
    index: t.field({ type: RecordIndexEnum, description: 'Which index it belongs to.' }),
    category: t.field({ type: CategoryEnum, description: 'Category, as consents name it.' }),
    period: t.field({ type: PeriodInput, description: 'The days that the data are of.' }),
    type: t.string({ description: 'Type of the source document, such as `Observation`, at most 64 letters.' }),
    codeOfType: t.field({ type: CodingInput, required: false, description: 'Its code, when it has one.' }),
    title: t.string({ description: 'Title, at most 512 letters.' }),
    at: t.field({ type: InstantScalar, description: 'The clinical instant.' }),
    sensitivities: t.field({
      type: [SensitivityEnum],
      required: false,
      description: 'Sensitivity codes; none when left out.',
    }),
    confidentiality: t.field({
      type: ConfidentialityEnum,
      required: false,
      description: 'Confidentiality; N when left out.',
    }),
    sourceSystem: t.string({ description: 'The system that holds the source document, a URI of at most 256 letters.' }),
    sourceId: t.string({ description: 'Id of the document in that system, at most 128 letters.' }),
    mediaType: t.string({ description: 'Media type of the content, such as `application/fhir+json`.' }),
    content: t.string({
      description: 'The exact text; at most 16 MiB as UTF-8. Send it as a variable, not inside the document.',
    }),
  }),
});
