import { accessTrail } from '../../projections/access-trail.ts';
import { codes } from '../../projections/codes.ts';
import { consents } from '../../projections/consents.ts';
import { institutionVersions } from '../../projections/institution-versions.ts';
import { institutions } from '../../projections/institutions.ts';
import { practitionerVersions } from '../../projections/practitioner-versions.ts';
import { practitioners } from '../../projections/practitioners.ts';
import { ehrIndex, emrIndex } from '../../projections/record-index.ts';
import { residentDocuments } from '../../projections/resident-documents.ts';
import { residents } from '../../projections/residents.ts';
import type { AnyProjection } from './define.ts';

/** Every read model there is; the projector brings all of them to one position together. */
export const READ_MODELS: readonly AnyProjection[] = [
  residents,
  residentDocuments,
  codes,
  ehrIndex,
  emrIndex,
  consents,
  accessTrail,
  institutions,
  institutionVersions,
  practitioners,
  practitionerVersions,
];
