import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLedger } from '../../src/audit/check-ledger.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { createKeyring } from '../../src/vault/keyring.ts';
import { writeKeyring } from '../../src/vault/keyring-file.ts';
import { grow, type Story, type Tampered, tampered, tellStory } from '../support/tampering.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let story: Story;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hrl-fsck-'));
  story = await tellStory();
});
afterAll(async () => {
  await story.close();
  await rm(folder, { recursive: true, force: true });
});

/** `npm run fsck -- …` over a copy of the story, as a person runs it. */
async function fsck({ database }: Tampered, ...args: readonly string[]) {
  const { dataDir, keyringFile: KEYRING_FILE } = story.node.config;
  // From where nothing was seen of this ledger.
  const DATA_DIR = join(dataDir, 'elsewhere');
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/fsck.ts', ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, DATA_DIR, KEYRING_FILE, DATABASE_URL: database.url, LOG_LEVEL: 'warn' },
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, stdout, stderr };
}

describe('npm run fsck', () => {
  it('exits 0 and prints one JSON document for a ledger that is well, and keeps an anchor of it', async () => {
    await tampered(story, async (copy) => {
      const file = join(folder, 'anchor');
      const first = await fsck(copy, '--json', '--write-anchor', file);
      expect(first.code).toBe(0);
      const events = `${story.events.length}`;
      expect(JSON.parse(first.stdout)).toMatchObject({ verdict: 'consistent, not anchored', events });
      const kept = await readFile(file, 'utf8');

      const again = await fsck(copy, '--json', '--write-anchor', file);
      expect(again.code).toBe(1);
      expect(JSON.parse(again.stdout)).toMatchObject({ verdict: 'not checked', fault: { code: 'anchor-file' } });
      expect(await readFile(file, 'utf8')).toBe(kept);

      const compared = await fsck(copy, '--anchor', file, '--write-anchor', file);
      expect(compared.code).toBe(0);
      expect(compared.stdout).toMatch(
        /^consistent, anchored: \d+ events in \d+ streams, root \S+, the first \d+ as the /,
      );
      expect(await readFile(file, 'utf8')).toBe(kept);
    });
  });

  it('exits 1 and names the first wrong place where a server would refuse to start', async () => {
    await tampered(story, async (copy) => {
      await copy.sql`delete from events where position = ${`${story.events.length - 1}`}`;
      await expect(copy.node({ audit: false })).rejects.toMatchObject({ code: 'ledger-corrupt' });
      const file = join(folder, 'never');
      const { code, stdout, stderr } = await fsck(copy, '--json', '--write-anchor', file);
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        verdict: 'broken',
        finding: { kind: 'ledger-head-mismatch', position: `${story.events.length - 1}` },
      });
      expect(stderr).toContain('Next: keep the database as it is');
      await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });
});

describe('a check', () => {
  it("with another ledger's keyring is the operator's mistake, not the ledger's fault", async () => {
    await tampered(story, async (copy) => {
      const keyringFile = join(folder, 'keyring.json');
      await writeKeyring(keyringFile, createKeyring(nodeEntropy));
      const node = await copy.node({ config: { keyringFile } });
      try {
        await expect(checkLedger(node.audit)).rejects.toMatchObject({ code: 'wrong-keyring' });
      } finally {
        await node.close();
      }
    });
  });

  it('under another origin than the ledger was opened with is such a mistake too', async () => {
    await tampered(story, async (copy) => {
      const node = await copy.node({ config: { origin: 'health.example/310000' } });
      try {
        await expect(checkLedger(node.audit)).rejects.toMatchObject({ code: 'ledger-identity' });
      } finally {
        await node.close();
      }
    });
  });

  it('of a database that nobody has opened finds nothing, and gives it no name', async () => {
    await tampered(story, async (copy) => {
      await copy.sql`delete from events`;
      await copy.sql`delete from stream_heads`;
      await copy.sql`update ledger_head set position = -1, time = '1970-01-01T00:00:00.000Z', origin = null, suite = null`;
      const node = await copy.node({ config: { origin: 'health.example/310000' } });
      try {
        const { compareReadTables: _others, ...deps } = node.audit;
        expect(await checkLedger(deps)).toMatchObject({ verdict: 'consistent, not anchored', events: 0n });
      } finally {
        await node.close();
      }
      expect(await copy.sql`select origin from ledger_head`).toEqual([{ origin: null }]);
    });
  });

  it('while the ledger grows finds nothing: it sees one instant', async () => {
    await tampered(story, async (copy) => {
      const node = await copy.node({ audit: false });
      try {
        let growing = true;
        const growth = (async () => {
          while (growing) await grow(node);
        })();
        for (let round = 0; round < 5; round++)
          expect(await checkLedger(node.audit)).toMatchObject({ verdict: 'consistent, not anchored' });
        growing = false;
        await growth;
        const { events } = await checkLedger(node.audit);
        expect(events).toBeGreaterThan(BigInt(story.events.length));
      } finally {
        await node.close();
      }
    });
  });
});
