import { wireEnum } from '../wire-enum.ts';

export const GranteeKindEnum = wireEnum('GranteeKind', 'To whom a consent is given.', {
  institution: 'A whole organisation: everybody who works there.',
  practitioner: 'One practitioner, while working in one organisation.',
});
