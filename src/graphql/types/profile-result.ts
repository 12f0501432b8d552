import { outcomeUnion } from '../outcome-union.ts';
import { ProfileType } from './profile.ts';

export const ProfileResult = outcomeUnion('ProfileResult', ProfileType);
