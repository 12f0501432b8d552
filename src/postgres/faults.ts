import { Fault } from '../kernel/fault.ts';

/** Nobody answers at the address, or whoever answers lets this user not in. */
export class DatabaseUnreachable extends Fault {
  readonly code = 'database-unreachable';

  constructor(why: string, cause: unknown) {
    super(`the database does not let this process in: ${why}`, {
      cause,
      next: 'see that the server runs and that address, user, password and database in DATABASE_URL are right',
    });
  }
}

/** The server may lose an acknowledged commit in a crash. */
export class DatabaseNotDurable extends Fault {
  readonly code = 'database-not-durable';
  readonly settings: readonly string[];

  constructor(settings: readonly string[]) {
    super(`the database server runs with ${settings.join(' and ')} off: an acknowledged event could be lost`, {
      next: `set ${settings.map((name) => `${name} = on`).join(' and ')} in postgresql.conf and reload the server`,
    });
    this.settings = settings;
  }
}

/** The database lacks migrations that this code brings. */
export class DatabaseNotMigrated extends Fault {
  readonly code = 'database-not-migrated';
  readonly missing: readonly string[];

  constructor(missing: readonly string[]) {
    super(`the database lacks ${missing.length} migration(s), from ${missing[0] ?? 'the first'} on`, {
      next: 'run `npm run migrate`',
    });
    this.missing = missing;
  }
}

/** The database holds migrations that this code does not know. */
export class DatabaseNewer extends Fault {
  readonly code = 'database-newer';
  readonly unknown: readonly string[];

  constructor(unknown: readonly string[]) {
    super(`the database is newer than this code: it holds ${unknown.join(', ')}`, {
      next: 'start the version of the code that wrote it, or a later one; never an earlier one',
    });
    this.unknown = unknown;
  }
}

/** A migration that was applied reads differently now. */
export class MigrationChanged extends Fault {
  readonly code = 'migration-changed';
  readonly migration: string;

  constructor(migration: string) {
    super(`the migration ${migration} was changed after it had been applied`, {
      next: 'put the file back as it was and write the change as a new migration',
    });
    this.migration = migration;
  }
}

/** The folder of migrations is not one that can be applied in one order. */
export class MigrationsInvalid extends Fault {
  readonly code = 'migrations-invalid';

  constructor(why: string) {
    super(`the migrations cannot be applied: ${why}`, {
      next: 'name them NNNN_name.sql with numbers of their own, and add new ones at the end only',
    });
  }
}

/** A migration failed; its transaction was rolled back and the ones before it stand. */
export class MigrationFailed extends Fault {
  readonly code = 'migration-failed';
  readonly migration: string;

  constructor(migration: string, why: string, cause?: unknown) {
    super(`the migration ${migration} failed: ${why}`, {
      cause,
      next: 'nothing of it was kept; mend the cause and run `npm run migrate` again',
    });
    this.migration = migration;
  }
}

/** The application role is absent, or the application's user is no member of it, and the owner may not change that. */
export class RoleMissing extends Fault {
  readonly code = 'role-missing';

  constructor(statement: string, cause: unknown) {
    super('the owner of the database may not prepare the application role', {
      cause,
      next: `let a superuser run: ${statement}`,
    });
  }
}
