import { wireEnum } from '../wire-enum.ts';

export const AuthenticationEnum = wireEnum(
  'Authentication',
  'How the resident showed who they are when they consented.',
  {
    password: 'A password.',
    sms: 'A code sent by message.',
    face: 'Their face.',
    'id-card': 'An identity card that was read.',
    paper: 'A signature on paper.',
    token: 'The token of this request alone.',
  },
);
