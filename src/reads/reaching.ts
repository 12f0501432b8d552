import { Fault } from '../kernel/fault.ts';
import { answered, causeOf, isAway } from '../postgres/outage.ts';

/** The read tables cannot be asked now. Nothing was read, and nothing is wrong with the question. */
export class ReadsUnavailable extends Fault {
  readonly code = 'reads-unavailable';

  constructor(cause: Error) {
    super('the read tables cannot be reached', { cause, next: 'check the database and its log, then try again' });
  }
}

type Query = (...args: never[]) => Promise<unknown>;

/** The same queries; a database that is away becomes `reads-unavailable`, a wrong statement stays the bug that it is. */
export function reaching<Reads extends { readonly [K in keyof Reads]: Query }>(reads: Reads): Reads {
  const wrap =
    (query: Query): Query =>
    async (...args) => {
      try {
        return await answered(query(...args));
      } catch (error) {
        throw isAway(error) ? new ReadsUnavailable(causeOf(error)) : error;
      }
    };
  return Object.fromEntries(Object.entries(reads).map(([name, query]) => [name, wrap(query as Query)])) as Reads;
}
