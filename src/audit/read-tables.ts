import { isFault } from '../kernel/fault.ts';
import type { Finding } from './finding.ts';
import { damage } from './store-damage.ts';

/** A read table that is not what a rebuild makes, and in how many rows. */
export interface TableDifference {
  readonly table: string;
  readonly rows: number;
}

const MENDS = 'npm run rebuild mends read tables';

/** The events are right by now, so whatever keeps the tables from being compared is the tables' own. */
export async function checkReadTables(
  compare: () => Promise<readonly TableDifference[]>,
): Promise<Finding | undefined> {
  try {
    const [first] = await compare();
    if (first === undefined) return undefined;
    return { kind: 'read-table-differs', detail: `${first.table}: ${first.rows} rows differ from a rebuild; ${MENDS}` };
  } catch (error) {
    const own = isFault(error) && ['projector-stopped', 'malformed'].includes(error.code);
    const why = own ? error.message : damage(error);
    if (why === undefined) throw error;
    return { kind: 'read-table-differs', detail: `cannot be compared: ${why}` };
  }
}
