import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningUrls } from '../../src/postgres/embedded/control.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { only, post, type Reply } from '../support/api.ts';
import { type Balancer, balancer } from '../support/balancer.ts';
import { mutation } from '../support/cast.ts';
import { dataFolder, run, runningIn, type Served, serve } from '../support/programs.ts';

const COMMANDS = 20;

let folder: Awaited<ReturnType<typeof dataFolder>>;
let settings: Record<string, string>;
/** The first has launched the database, the second has found it running. */
let processes: Served[];
let front: Balancer;
let regulator: string;
beforeAll(async () => {
  folder = await dataFolder();
  settings = { DATA_DIR: folder.dataDir, SEED_RESIDENTS: '0', LOG_LEVEL: 'warn' };
  processes = [await serve(settings), await serve(settings)];
  front = balancer(processes.map(({ url }) => url));
  regulator = /^ {2}regulator +(ey\S+)$/m.exec(processes[0]?.stdout() ?? '')?.[1] ?? '';
}, 180_000);
afterAll(async () => {
  front?.close();
  await folder.end(...(processes ?? []));
});

const commandOf = (n: number) => ({
  requestId: `embedded-${n}`,
  input: { identifiers: [{ system: 'urn:uscc', number: `embedded-${n}` }], name: `Hospital ${n}` },
});
const register = (url: string, n: number): Promise<Reply> =>
  post(url, regulator, mutation('registerInstitution'), commandOf(n));

async function registered(): Promise<number> {
  const sql = openSql((await runningUrls(folder.dataDir)).appUrl, { max: 1, applicationName: 'test' });
  try {
    const [row] = await sql<{ n: number }[]>`
      select count(*)::integer as n from events where type = 'institution.registered@1'`;
    return row?.n ?? -1;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

describe('two processes in one data folder, over the database that the first has launched', () => {
  const answers: string[] = [];

  it('that are sent the same commands at one moment do each once, and answer the same', async () => {
    const before = await registered();
    for (let n = 0; n < COMMANDS; n++) {
      const [one, other] = await Promise.all(processes.map(({ url }) => register(url, n)));
      expect(only(one as Reply).__typename).toBe('PartyRef');
      expect(other?.text).toBe(one?.text);
      answers.push(one?.text ?? '');
    }
    expect(await registered()).toBe(before + COMMANDS);
  });

  it('of which the first is killed: the second keeps the database, answers as before, and takes what is new', async () => {
    const before = await registered();
    const [first, second] = processes as [Served, Served];
    first.child.kill('SIGKILL');
    await first.ended;
    for (const [n, answer] of answers.entries()) expect((await register(second.url, n)).text).toBe(answer);
    // Whoever stands before them finds the one that is left.
    const reply = await front.post(regulator, mutation('registerInstitution'), commandOf(COMMANDS));
    expect(only(reply).__typename).toBe('PartyRef');
    expect(await registered()).toBe(before + 1);
    // It projects from the end of the other's lease on, and is ready then.
    await expect.poll(async () => (await second.health('ready')).status, { timeout: 20_000 }).toBe(200);
  });

  it('of which the last one ends: nothing of the folder runs on, and the ledger is whole', async () => {
    const [, second] = processes as [Served, Served];
    second.child.kill('SIGTERM');
    const { code, stderr } = await second.ended;
    expect(code, stderr).toBe(0);
    expect(await runningIn(folder.dataDir)).toEqual([]);
    const checked = await run('fsck', ['--json'], { ...settings });
    expect(JSON.parse(checked.stdout)).toMatchObject({ verdict: 'consistent, not anchored' });
  });
});
