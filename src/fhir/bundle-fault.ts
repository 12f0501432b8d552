import { Fault } from '../kernel/fault.ts';

export type BundleFaultCode =
  | 'bundle-unreadable'
  | 'bundle-too-large'
  | 'bundle-not-gzip'
  | 'bundle-not-utf8'
  | 'bundle-too-deep'
  | 'bundle-not-json'
  | 'bundle-duplicate-key'
  | 'bundle-not-transaction'
  | 'bundle-ambiguous';

/** Where in a file: a line (from 1) for text, a JSON path for shape. Never a key or a value that the file holds. */
interface BundlePlace {
  readonly line?: number;
  readonly column?: number;
  readonly path?: string;
}

/** A whole file cannot be taken. The others go on. The message names the file and the place, nothing of its content. */
export class BundleFault extends Fault {
  readonly code: BundleFaultCode;
  readonly file: string;
  readonly place: BundlePlace;

  constructor(
    code: BundleFaultCode,
    file: string,
    why: string,
    options: { place?: BundlePlace; next?: string; cause?: unknown } = {},
  ) {
    const { place = {}, ...rest } = options;
    super(`${file}${printed(place)}: ${why}`, rest);
    this.code = code;
    this.file = file;
    this.place = place;
  }
}

function printed(place: BundlePlace): string {
  const line = place.line === undefined ? '' : `:${place.line}${place.column === undefined ? '' : `:${place.column}`}`;
  return place.path === undefined ? line : `${line} at ${place.path}`;
}
