import { builder } from '../builder.ts';
import { FAULTS } from '../fault.ts';

/** No field bears it: it documents `errors[].extensions.code`. */
builder.enumType('FaultCode', {
  description:
    'What `errors[].extensions.code` can be. A fault is not a refusal: no rule was asked, or its answer is not known.',
  values: Object.fromEntries(Object.entries(FAULTS).map(([code, { meaning }]) => [code, { description: meaning }])),
});
