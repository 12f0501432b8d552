import type { RecordIndex } from '../../domain/terms.ts';
import { wireEnum } from '../wire-enum.ts';

export const RecordIndexEnum = wireEnum<RecordIndex>('RecordIndex', 'Which of the two indexes a record stands in.', {
  EHR: 'The lifelong health record (居民电子健康档案).',
  EMR: 'The clinical record (电子病历).',
});
