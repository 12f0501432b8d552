import { connectionType } from '../connection.ts';
import { RecordType } from './record.ts';

export const RecordConnectionType = connectionType(RecordType, {
  of: 'records',
  total: 'How many records the selection and the decision let match, on all pages. Hidden records are not counted.',
  gated: true,
});
