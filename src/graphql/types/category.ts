import type { Category } from '../../domain/terms.ts';
import { wireEnum } from '../wire-enum.ts';

export const CategoryEnum = wireEnum<Category>(
  'Category',
  'Category of a record, as consents name it (FHIR and ABDM groups).',
  {
    'diagnostic-report': 'Results of laboratory and other examinations (检验检查报告).',
    'discharge-summary': 'Stay in hospital and discharge (出院小结).',
    'health-document': 'Documents of the lifelong health record (健康档案).',
    imaging: 'Imaging studies (影像).',
    immunisation: 'Vaccinations (预防接种).',
    invoice: 'Claims and invoices (费用).',
    outpatient: 'Visits and what was found in them (门急诊).',
    prescription: 'Medicines prescribed and given (处方).',
    wellness: 'Care plans, goals and measurements of daily life.',
  },
);
