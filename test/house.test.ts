import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What a tool of the project's own installation says; empty when it is content. */
function complaints(script: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`node_modules/${script}`, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return status === 0 ? '' : `${stdout}${stderr}`.trim() || `${script} ended with ${status}`;
}

describe('the tree', { timeout: 300_000 }, () => {
  it('has no type error', () => {
    expect(complaints('typescript/bin/tsc', '--noEmit')).toBe('');
  });

  it('is formatted and has no lint', () => {
    expect(complaints('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.')).toBe('');
  });

  it('has no unused file, export or dependency', () => {
    expect(complaints('knip/bin/knip.js', '--no-progress')).toBe('');
  });
});
