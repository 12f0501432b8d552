import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from 'vitest/node';

/** What the last line of a run says. A file, a hook or a stray promise that failed counts as one failed test. */
interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** One line for each test, or suite that was skipped as a whole. */
  readonly skippedByName: readonly string[];
}

function tally(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Tally {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const count = (state: string) => tests.filter((test) => test.result().state === state).length;
  const brokenOutsideTests = modules
    .flatMap((module): (TestModule | TestSuite)[] => [module, ...module.children.allSuites()])
    .filter((suite) => suite.errors().length > 0).length;
  return {
    passed: count('passed'),
    failed: count('failed') + brokenOutsideTests + unhandled.length,
    skipped: count('skipped') + count('pending'),
    skippedByName: modules.flatMap((module) => skippedBelow(module, module.relativeModuleId)),
  };
}

/** A suite that was skipped as a whole is one line; a file never is, as the reason stands in the names inside it. */
function skippedBelow(parent: TestModule | TestSuite, path: string): string[] {
  return [...parent.children].flatMap((child) => {
    const name = `${path} > ${child.name}`;
    if (child.type === 'test') return skips(child) ? [`${name}${reasons([child])}`] : [];
    const tests = [...child.children.allTests()];
    if (!tests.every(skips)) return skippedBelow(child, name);
    return [`${name} (${tests.length})${child.errors().length > 0 ? ': its hook failed' : reasons(tests)}`];
  });
}

const skips = (test: TestCase): boolean => ['skipped', 'pending'].includes(test.result().state);

/** What tests gave to `skip` as their reason. */
function reasons(tests: readonly TestCase[]): string {
  const notes = new Set<string>();
  for (const test of tests) {
    const result = test.result();
    if (result.state === 'skipped' && result.note !== undefined) notes.add(result.note);
  }
  return notes.size === 0 ? '' : `: ${[...notes].join('; ')}`;
}

function closingText({ passed, failed, skipped, skippedByName }: Tally): string {
  const names = skippedByName.map((name) => `skipped: ${name}\n`).join('');
  return `${names}${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}\n`;
}

/** Prints what was skipped and, as the very last line of the run, `N passed, N failed[, N skipped]`. */
export function closingLine(): Reporter {
  let last: Tally | undefined;
  return {
    onInit() {
      // At exit, because the server of the tests is stopped, and may speak, after the reporters have.
      process.once('exit', () => {
        if (last !== undefined) process.stdout.write(`\n${closingText(last)}`);
      });
    },
    onTestRunEnd(modules, unhandled) {
      last = tally(modules, unhandled);
    },
  };
}
