import { RoleMissing } from './faults.ts';
import type { Sql } from './pools.ts';

/**
 * The group that the migrations grant to, by this name. It cannot log in and owns nothing: the user in DATABASE_URL is a
 * member of it. Tables belong to whoever runs the migrations (`hrl_owner` in the embedded cluster).
 */
export const APP_ROLE = 'hrl_app';

/**
 * Makes the application role if there is none, and makes `appUser` a member of it. Where nothing lacks it changes nothing and
 * needs no right. Roles belong to the whole server, so two databases may do this at once: whoever comes second finds it done.
 * @throws RoleMissing when something lacks that this user may not give; it names the statement for a superuser.
 */
export async function ensureAppRole(sql: Sql, appUser?: string): Promise<void> {
  const roleThere = async () => (await sql`select from pg_roles where rolname = ${APP_ROLE}`).length > 0;
  await ensure(sql, roleThere, `CREATE ROLE ${APP_ROLE} NOLOGIN`);
  if (appUser === undefined) return;
  // Whoever migrates needs no grant: what it owns it may use.
  const member = async () => {
    const rows = await sql`
      select from pg_roles where rolname = ${appUser}
      and (rolsuper or rolname = current_user or pg_has_role(oid, ${APP_ROLE}, 'USAGE'))`;
    return rows.length > 0;
  };
  await ensure(sql, member, `GRANT ${APP_ROLE} TO "${appUser.replaceAll('"', '""')}"`);
}

async function ensure(sql: Sql, done: () => Promise<boolean>, statement: string): Promise<void> {
  if (await done()) return;
  try {
    await sql.unsafe(statement);
  } catch (cause) {
    if (!(await done())) throw new RoleMissing(statement, cause);
  }
}
