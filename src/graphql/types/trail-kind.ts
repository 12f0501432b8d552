import type { TrailEntry } from '../../app/api.ts';
import { wireEnum } from '../wire-enum.ts';

export const TrailKindEnum = wireEnum<TrailEntry['kind']>('TrailKind', 'What an entry of a trail stands for.', {
  permitted: 'Access was permitted: what it names may have been disclosed.',
  denied: 'Access was denied. Nothing was opened.',
  missed: 'Nobody was behind the code. Nothing was opened.',
  'log-read': 'Somebody read a trail.',
  withheld: 'What the entry before it says was not opened: it had been overtaken.',
});
