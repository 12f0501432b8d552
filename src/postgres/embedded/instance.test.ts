import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DataFolder, dataFolder } from './data-folder.ts';
import { beat, type Instance, readInstance, refuseElsewhere, writeInstance } from './instance.ts';
import { pidNamespace } from './process-identity.ts';

let home: string;
let folder: DataFolder;
beforeEach(async () => {
  home = await mkdtemp(`${tmpdir()}/hrl-instance-`);
  folder = dataFolder(home);
  await mkdir(folder.root);
});
afterEach(() => rm(home, { recursive: true }));

const here: Instance = { port: 5432, socketFolder: '/tmp/hrl-x', watchdog: '1.a', namespace: pidNamespace() };
const elsewhere: Instance = { ...here, namespace: 'another container' };

describe('what is remembered of a server', () => {
  it('is read back as it was written, by its owner only', async () => {
    await writeInstance(folder, here);
    expect(await readInstance(folder)).toEqual(here);
    expect((await stat(folder.instance)).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'null', '{"port": 1', '{"port": "1", "socketFolder": "", "watchdog": null, "namespace": ""}'])(
    'is nothing when the file holds %j',
    async (text) => {
      await writeFile(folder.instance, text);
      expect(await readInstance(folder)).toBeUndefined();
    },
  );
});

describe('a data folder of a watchdog that cannot be seen', () => {
  it('is refused while that watchdog shows life', async () => {
    await writeInstance(folder, elsewhere);
    const refused = expect(refuseElsewhere(folder, 400)).rejects.toMatchObject({ code: 'postgres-in-use-elsewhere' });
    await sleep(100);
    await beat(folder);
    await refused;
  });

  it('is taken when it shows none', async () => {
    await writeInstance(folder, elsewhere);
    await expect(refuseElsewhere(folder, 100)).resolves.toBeUndefined();
  });

  it('is taken without a wait when it was left in order, or is of here', async () => {
    const patience = 60_000;
    await expect(refuseElsewhere(folder, patience)).resolves.toBeUndefined();
    await writeInstance(folder, { ...elsewhere, watchdog: null });
    await expect(refuseElsewhere(folder, patience)).resolves.toBeUndefined();
    await writeInstance(folder, here);
    await expect(refuseElsewhere(folder, patience)).resolves.toBeUndefined();
  });
});
