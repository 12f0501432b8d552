import { Fault } from '../kernel/fault.ts';

/** There is no keyring file, and none may be made here. */
export class KeyringMissing extends Fault {
  readonly code = 'keyring-missing';
  readonly path: string;

  constructor(path: string) {
    super(`there is no keyring at ${path}`, {
      next:
        'bring back the keyring that was made with this database; ' +
        `for a new, empty database make one: npm run keyring -- create --file ${path}`,
    });
    this.path = path;
  }
}

/** The keyring file is there and is not used: others may read it, or it is not what `writeKeyring` writes. */
export class KeyringUnreadable extends Fault {
  readonly code = 'keyring-unreadable';
  readonly path: string;

  constructor(path: string, why: string, options: { next: string; cause?: unknown }) {
    super(`the keyring at ${path} cannot be used: ${why}`, options);
    this.path = path;
  }
}

/** A file stands where the keyring was to be written. It was left as it is. */
export class KeyringExists extends Fault {
  readonly code = 'keyring-exists';
  readonly path: string;

  constructor(path: string) {
    super(`there is a file at ${path} already; a keyring is never overwritten`, {
      next: 'choose another path, or move the file away if no database needs it any more',
    });
    this.path = path;
  }
}

/** The folder cannot be written. No keyring stands there. */
export class KeyringUnwritable extends Fault {
  readonly code = 'keyring-unwritable';
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`the keyring cannot be written to ${path}`, { cause, next: 'choose a folder that this user may write' });
    this.path = path;
  }
}

/** The keyring is well-formed, and it is another ledger's. */
export class WrongKeyring extends Fault {
  readonly code = 'wrong-keyring';

  constructor(what: string) {
    super(`the keyring does not belong to this ledger: ${what}`, {
      next: 'bring back the keyring that was made with this database, of the same age as the database or newer',
    });
  }
}

/** A key that sealed something is not in the database, and no tombstone says that it was destroyed. */
export class KeyMissing extends Fault {
  readonly code = 'key-missing';
  readonly keyId: string;

  constructor(keyId: string) {
    super(`the key ${keyId} is missing`, {
      next: 'restore the database from a backup taken after the key was made; what it sealed cannot be opened without it',
    });
    this.keyId = keyId;
  }
}

/** Something was to be sealed under a key that has been destroyed: an erased subject, or an ended retention period. */
export class KeyDestroyed extends Fault {
  readonly code = 'key-destroyed';
  readonly keyId: string;

  constructor(keyId: string) {
    super(`the key ${keyId} has been destroyed; nothing more can be sealed under it`);
    this.keyId = keyId;
  }
}

/** A content larger than the cap. Nothing was stored. */
export class ContentTooLarge extends Fault {
  readonly code = 'content-too-large';

  constructor(bytes: number, cap: number) {
    super(`a content of ${bytes} bytes is larger than ${cap}`, { next: 'leave it out, or split it at its source' });
  }
}

/** Other bytes are stored under this content id by an earlier attempt. They were left as they are. */
export class ContentDiffers extends Fault {
  readonly code = 'content-differs';

  constructor() {
    super('an earlier attempt stored another content for the same event', {
      next: 'send the request with a new requestId',
    });
  }
}

/** Claims of the same people were being taken by others, again and again. Nothing was taken. */
export class ClaimsBusy extends Fault {
  readonly code = 'claims-busy';

  constructor() {
    super('the same documents are being registered by others at this moment', { next: 'try again' });
  }
}

/** The database did not answer, or broke off. Each write of the vault may be repeated as it was. */
export class VaultUnavailable extends Fault {
  readonly code = 'vault-unavailable';

  constructor(cause: unknown) {
    super('the vault cannot be reached', { cause, next: 'check the database and its log, then try again' });
  }
}
