import { type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser';
import { BundleFault } from './bundle-fault.ts';
import type { BundleText } from './bundle-text.ts';

/** What is wrong with a text that is no JSON, or has a key twice in one object, by line and column. For texts that were found wanting. */
export function jsonFault({ file, text }: BundleText): BundleFault {
  let found: BundleFault | undefined;
  /** Keys of the open objects so far. */
  const open: Set<string>[] = [];
  visit(
    text,
    {
      onObjectBegin: () => void open.push(new Set()),
      onObjectProperty: (key, _offset, _length, line, column) => {
        const keys = open.at(-1);
        if (keys?.has(key) === true) {
          const place = { line: line + 1, column: column + 1 };
          found ??= new BundleFault('bundle-duplicate-key', file, 'one object has the same key twice', { place });
        }
        keys?.add(key);
      },
      onObjectEnd: () => void open.pop(),
      onError: (error: ParseErrorCode, _offset, _length, line, column) => {
        const place = { line: line + 1, column: column + 1 };
        found ??= new BundleFault('bundle-not-json', file, `is not JSON (${printParseErrorCode(error)})`, { place });
      },
    },
    { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false },
  );
  return found ?? new BundleFault('bundle-not-json', file, 'is not JSON');
}
