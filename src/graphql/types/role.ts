import type { Role } from '../../app/actor.ts';
import { wireEnum } from '../wire-enum.ts';

export const RoleEnum = wireEnum<Role>('Role', 'In what role somebody acts.', {
  resident: 'A resident, on their own record.',
  practitioner: 'A practitioner of an organisation.',
  issuer: 'The health-code office.',
  regulator: 'The regulator.',
  system: 'A system of an organisation.',
});
