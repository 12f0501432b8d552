import { readConfig } from '../src/config.ts';
import { openDatabase } from '../src/postgres/database.ts';
import { migrate } from '../src/postgres/migrate.ts';
import { program, talk } from './cli.ts';

await program({
  meta: {
    name: 'npm run migrate --',
    description:
      'Bring the database to the state this code expects. Without DATABASE_URL: the embedded one in DATA_DIR. ' +
      'Prints the names of the migrations it applied, one a line.',
  },
  run: async () => {
    const database = await openDatabase(readConfig(), talk);
    try {
      if (database.ownerUrl === undefined) talk('DATABASE_OWNER_URL is not set: migrating as DATABASE_URL');
      const { applied, already } = await migrate({
        ownerUrl: database.ownerUrl ?? database.appUrl,
        appUrl: database.appUrl,
        log: talk,
      });
      for (const name of applied) console.log(name);
      talk(`${applied.length} applied, ${already} had been applied before`);
    } finally {
      await database.close();
    }
  },
});
