import { expect } from 'vitest';
import type { Ledger } from '../../src/ledger/port.ts';
import type { Sql } from '../../src/postgres/pools.ts';

/** Every change of the row in `projectors`, written down by the database itself in the order in which they were committed. */
export interface Step {
  readonly owner: string | null;
  readonly epoch: bigint;
  readonly position: string | null;
  readonly applied: bigint;
}

/** The row's lock orders the changes, and the number is drawn under it. The trigger runs with its owner's rights. */
export async function recordSteps(ownerSql: Sql): Promise<void> {
  await ownerSql.unsafe(`
    create table projector_steps (
      n bigserial primary key, owner text, epoch bigint not null, position text, applied bigint not null);
    create function record_step() returns trigger language plpgsql security definer as $$
    begin
      insert into projector_steps (owner, epoch, position, applied) values (new.owner, new.epoch, new.position, new.applied);
      return new;
    end $$;
    create trigger steps after insert or update on projectors for each row execute function record_step()`);
}

/**
 * Each batch begins behind the one before, whoever wrote it: `applied` is the number of events up to `position`, always; it never goes
 * back, and nobody writes under an epoch that has been followed by another.
 */
export async function expectContiguous(ownerSql: Sql, ledger: Ledger): Promise<readonly Step[]> {
  const steps = await ownerSql<Step[]>`select owner, epoch, position, applied from projector_steps order by n`;
  const countOf = new Map<string, bigint>();
  let count = 0n;
  for await (const { position } of ledger.readAll()) countOf.set(position, ++count);
  let [epoch, applied] = [0n, 0n];
  let owner: string | null = null;
  for (const step of steps) {
    expect(step.applied).toBe(step.position === null ? 0n : countOf.get(step.position));
    expect(step.applied).toBeGreaterThanOrEqual(applied);
    expect(step.epoch).toBeGreaterThanOrEqual(epoch);
    if (step.epoch === epoch && step.owner !== null) expect(step.owner).toBe(owner);
    ({ epoch, applied, owner } = step);
  }
  expect(applied).toBe(count);
  return steps;
}
