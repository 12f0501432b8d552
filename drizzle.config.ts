import { defineConfig } from 'drizzle-kit';

/**
 * For `drizzle-kit` by hand: the tables in `schema/tables` are the typed twin of the SQL in `schema/migrations`, which is written
 * and read by people. What it generates is a draft for the next migration, in a folder that is not applied and not committed.
 */
export default defineConfig({ dialect: 'postgresql', schema: './schema/tables', out: './data/drizzle' });
