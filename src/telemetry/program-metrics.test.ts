import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseMetrics, totalOf } from '../../test/support/scrape.ts';
import { Malformed } from '../kernel/fault.ts';
import { tellFsck, tellStart } from './program-metrics.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hrl-metrics-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const told = async (program: string) => parseMetrics(await readFile(join(folder, `hrl-${program}.prom`), 'utf8'));
const fault = new Malformed('somebody', 'a name that is nobody’s to know');

describe('a program that ends', () => {
  it('leaves the code of what stopped its start, and takes it back once it serves', async () => {
    await tellStart(folder, fault);
    expect(totalOf(await told('start'), 'hrl_start_failed', { code: 'malformed' })).toBe(1);
    await tellStart(folder, new Error('a bug'));
    expect((await told('start')).flatMap(({ samples }) => samples.map(({ labels }) => labels.code))).toContain('bug');
    await tellStart(folder);
    const [failed] = (await told('start')).flatMap(({ samples }) => samples);
    expect(failed).toEqual({ name: 'hrl_start_failed', labels: { code: 'none' }, value: 0 });
    const age = Date.now() / 1000 - totalOf(await told('start'), 'hrl_start_end_time_seconds');
    expect(Math.abs(age)).toBeLessThan(60);
  });

  it('leaves the verdict of fsck, or that there is none', async () => {
    await tellFsck(folder, { broken: true, events: 42n });
    expect(totalOf(await told('fsck'), 'hrl_fsck_broken')).toBe(1);
    expect(totalOf(await told('fsck'), 'hrl_fsck_checked_events')).toBe(42);
    await tellFsck(folder, { broken: false, events: 43n });
    expect(totalOf(await told('fsck'), 'hrl_fsck_broken')).toBe(0);
    await tellFsck(folder, { error: fault });
    const families = await told('fsck');
    expect(totalOf(families, 'hrl_fsck_failed', { code: 'malformed' })).toBe(1);
    // Nothing is said of a ledger that was not checked, neither good nor bad.
    expect(families.map(({ name }) => name)).not.toContain('hrl_fsck_broken');
  });

  it('tells no message, leaves nothing half-written, and never fails for it', async () => {
    for (const name of await readdir(folder)) {
      expect(name).toMatch(/^hrl-(?:start|fsck)\.prom$/);
      expect(await readFile(join(folder, name), 'utf8')).not.toContain('somebody');
    }
    await tellStart(undefined, fault);
    await writeFile(join(folder, 'file'), '');
    await tellStart(join(folder, 'file'), fault);
    expect((await readdir(folder)).sort()).toEqual(['file', 'hrl-fsck.prom', 'hrl-start.prom']);
  });
});
