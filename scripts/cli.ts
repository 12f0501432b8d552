import { stripVTControlCharacters } from 'node:util';
import { type ArgsDef, type CommandDef, defineCommand, runCommand, runMain } from 'citty';
import { isFault } from '../src/kernel/fault.ts';
import { BadOption } from './bad-option.ts';

/** Talk goes to stderr, so that stdout holds data only. */
export const talk = (line: string): void => console.error(line);

/** Prints what went wrong and what to do next; the process then exits non-zero. A bug is thrown on and crashes. */
export function fail(error: unknown): void {
  process.exitCode = 1;
  if (!isFault(error)) throw error;
  talk(`${error.code}: ${error.message}`);
  talk(`Next: ${error.next ?? 'look at what it names, and at --help'}`);
}

/** A command whose faults are printed as such, and which runs only on options that it knows. */
export function guarded<A extends ArgsDef>(command: CommandDef<A>): CommandDef<A> {
  const { run } = command;
  return defineCommand({
    ...command,
    run: async (context) => {
      try {
        refuseUnknown((command.args ?? {}) as ArgsDef, context.args as Readonly<Record<string, unknown>>);
        await run?.(context);
      } catch (error) {
        fail(error);
      }
    },
  });
}

/** A misspelt option would silently be another question: `fsck --anchr FILE` would find all well without looking at the anchor. */
function refuseUnknown(declared: ArgsDef, given: Readonly<Record<string, unknown>>): void {
  const plain = (name: string): string => name.replaceAll('-', '').toLowerCase();
  const known = new Set(Object.keys(declared).map(plain));
  const unknown = Object.keys(given).find((name) => name !== '_' && !known.has(plain(name)));
  if (unknown !== undefined) throw new BadOption(unknown.length === 1 ? `-${unknown}` : `--${unknown}`, 'is no option');
  const takesMore = Object.values(declared).some(({ type }) => type === 'positional');
  if (!takesMore && (given._ as readonly string[]).length > 0) {
    throw new BadOption('an argument', 'was given that is no option, and none is taken here');
  }
}

/** Runs a program, of one command or of several: its help on stdout, everything that goes wrong on stderr. */
export async function main<A extends ArgsDef>(command: CommandDef<A>): Promise<void> {
  const rawArgs = process.argv.slice(2);
  if (rawArgs.some((arg) => arg === '--help' || arg === '-h')) return runMain(command);
  try {
    await runCommand(command, { rawArgs });
  } catch (error) {
    // What citty itself refuses: an option that is missing or not one of a list, or a command that there is not.
    const ofCitty = error instanceof Error && error.name === 'CLIError';
    const [what = '', ...rest] = ofCitty ? stripVTControlCharacters(error.message).split(': ') : [];
    fail(ofCitty ? new BadOption('the call', `is not understood: ${lower(what)} ${rest.join(': ')}`.trim()) : error);
  }
}

const lower = (text: string): string => `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;

/** Runs a program of one command. `name` is how it is called: `npm run import --`. */
export async function program<A extends ArgsDef>(command: CommandDef<A>): Promise<void> {
  await main(guarded(command));
}
