import { builder } from '../builder.ts';
import { InstantScalar } from './instant.ts';
import { PurposeEnum } from './purpose.ts';

export const TrailFilter = builder.inputType('TrailFilter', {
  description: 'Which entries of the region’s trails. All that are given must fit.',
  fields: (t) => ({
    code: t.string({ required: false, description: 'Of one resident, by a health code.' }),
    person: t.id({ required: false, description: 'By one practitioner or officer, by id.' }),
    organisation: t.id({ required: false, description: 'By one organisation, by id.' }),
    purpose: t.field({ type: PurposeEnum, required: false, description: 'For one purpose.' }),
    trace: t.string({ required: false, description: 'Of one request, by its X-Request-Id.' }),
    from: t.field({ type: InstantScalar, required: false, description: 'From this instant on.' }),
    until: t.field({ type: InstantScalar, required: false, description: 'Before this instant.' }),
  }),
});
