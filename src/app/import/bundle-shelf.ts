import { readBundleFile } from '../../fhir/bundle-text.ts';
import { type Bundle, cutBundle } from '../../fhir/cut.ts';

/** Bytes of bundles that are kept from the first pass for the second. In memory their trees take some five times as much. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** Bundles of a run that goes through its files more than once. */
interface BundleShelf {
  /**
   * Every file with its bundle, in order; the next one is read from the disk while the caller works on this one. The promise rejects with
   * the `BundleFault` of a file that cannot be taken.
   */
  all(files: readonly string[], without?: ReadonlySet<string>): AsyncGenerator<readonly [string, Promise<Bundle>]>;
}

export function bundleShelf(limit = KEPT_BYTES): BundleShelf {
  const kept = new Map<string, Bundle>();
  let bytes = 0;

  const cut = async (reading: ReturnType<typeof readBundleFile>, file: string): Promise<Bundle> => {
    const text = await reading;
    const bundle = cutBundle(text);
    if (!kept.has(file) && bytes + text.bytes.length <= limit) {
      bytes += text.bytes.length;
      kept.set(file, bundle);
    }
    return bundle;
  };

  /** Only the reading begins ahead: cutting takes this thread's time. */
  const begin = (file: string) => {
    const reading = kept.has(file) ? undefined : readBundleFile(file);
    reading?.catch(() => {});
    return reading;
  };

  return {
    async *all(files, without = new Set()) {
      const wanted = files.filter((file) => !without.has(file));
      let ahead = wanted[0] === undefined ? undefined : begin(wanted[0]);
      for (const [i, file] of wanted.entries()) {
        const reading = ahead;
        const next = wanted[i + 1];
        ahead = next === undefined ? undefined : begin(next);
        const known = kept.get(file);
        yield [file, known === undefined ? cut(reading ?? readBundleFile(file), file) : Promise.resolve(known)];
      }
    },
  };
}
