import { type EmbeddedPostgres, openEmbedded } from './embedded/open.ts';

/** The settings that decide which database it is. */
export interface DatabaseSettings {
  readonly dataDir: string;
  /** A server of one's own, as the application role; undefined: the embedded one in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** The same database as its owner. */
  readonly databaseOwnerUrl: string | undefined;
}

/** Where the database is. The URLs hold passwords: not for logs. */
export interface Database {
  readonly appUrl: string;
  /** Undefined for an external server whose owner was not named: then this process cannot migrate. */
  readonly ownerUrl: string | undefined;
  /** The lease on the embedded server; undefined for an external one. */
  readonly embedded: EmbeddedPostgres | undefined;
  /** Gives the lease on an embedded server back (the last one out stops it). End the pools first. Twice does nothing more. */
  close(): Promise<void>;
}

/**
 * Finds the database of these settings; starts or adopts the embedded server when no other is named. An external server is not
 * asked here: the first query of a pool does that.
 * @throws the faults of `openEmbedded`
 */
export async function openDatabase(settings: DatabaseSettings, log?: (line: string) => void): Promise<Database> {
  if (settings.databaseUrl !== undefined) {
    return {
      appUrl: settings.databaseUrl,
      ownerUrl: settings.databaseOwnerUrl,
      embedded: undefined,
      close: async () => {},
    };
  }
  const embedded = await openEmbedded({ dataDir: settings.dataDir, ...(log === undefined ? {} : { log }) });
  return { appUrl: embedded.appUrl, ownerUrl: embedded.ownerUrl, embedded, close: () => embedded.close() };
}
