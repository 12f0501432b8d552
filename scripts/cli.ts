import { type ArgsDef, type CommandDef, defineCommand, runMain } from 'citty';
import { isFault } from '../src/kernel/fault.ts';

/** Talk goes to stderr, so that stdout holds data only. */
export const talk = (line: string): void => console.error(line);

/** Prints what went wrong and what to do next; the process then exits non-zero. A bug is thrown on and crashes. */
export function fail(error: unknown): void {
  process.exitCode = 1;
  if (!isFault(error)) throw error;
  talk(`${error.code}: ${error.message}${error.next === undefined ? '' : `\nNext: ${error.next}`}`);
}

/** A command whose faults are printed as such. */
export function guarded<A extends ArgsDef>(command: CommandDef<A>): CommandDef<A> {
  const { run } = command;
  return defineCommand({
    ...command,
    run: async (context) => {
      try {
        await run?.(context);
      } catch (error) {
        fail(error);
      }
    },
  });
}

/** Runs a program of one command. `name` is how it is called: `npm run import --`. */
export async function program<A extends ArgsDef>(command: CommandDef<A>): Promise<void> {
  await runMain(guarded(command));
}
