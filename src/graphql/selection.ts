import type { ArgBuilder } from '@pothos/core';
import type { BuilderTypes } from './builder.ts';
import { pagingArgs } from './paging.ts';
import { CategoryEnum } from './types/category.ts';
import { PeriodInput } from './types/period-input.ts';
import { RecordIndexEnum } from './types/record-index.ts';

/** Every argument that chooses records. They stand on the gated field itself; fields below take none. */
export function selectionArgs(arg: ArgBuilder<BuilderTypes>) {
  return {
    index: arg({ type: RecordIndexEnum, required: false, description: 'Of one index only.' }),
    categories: arg({ type: [CategoryEnum], required: false, description: 'Of these categories only.' }),
    period: arg({ type: PeriodInput, required: false, description: 'Only records whose data are of these days.' }),
    ...pagingArgs(arg, 'gated'),
  };
}
