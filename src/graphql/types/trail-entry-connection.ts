import { connectionType } from '../connection.ts';
import { TrailEntryType } from './trail-entry.ts';

export const TrailEntryConnectionType = connectionType(TrailEntryType, {
  of: 'entries of a trail, newest first',
  total: 'How many entries the filter lets match, on all pages.',
  gated: true,
});
