import { parseBase64, toBase64 } from '../kernel/base64.ts';
import type { Bytes } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import { isNoteText } from './note.ts';
import { checkHash } from './tree-node.ts';
import { checkSize, parseSize } from './tree-size.ts';

/** C2SP tlog-checkpoint (docs/spec/checkpoint.md): what a log says of its tree. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Bytes;
  /** Opaque lines behind the root. Ours have none; others' are signed with the rest and say nothing to us. */
  readonly extensions: readonly string[];
}

const isLine = (text: string): boolean => text !== '' && !text.includes('\n') && isNoteText(`${text}\n`);

/** The text of the note; throws `Malformed` on what `parseCheckpoint` would refuse. */
export function printCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  checkSize(size, 'checkpoint size');
  checkHash(root, 'checkpoint root');
  if (!isLine(origin)) throw new Malformed('checkpoint origin', 'not a line');
  if (!extensions.every(isLine)) throw new Malformed('checkpoint extension', 'not a line');
  return `${[origin, size, toBase64(root), ...extensions].join('\n')}\n`;
}

/**
 * Reads a note's text. It says who has signed nothing: `verifyNote` and `verifyCheckpoint` do. print(parse(t)) = t.
 */
export function parseCheckpoint(text: string): Checkpoint {
  if (!isNoteText(text)) throw new Malformed('checkpoint', 'not text that ends in a newline');
  const [origin = '', size = '', rootText = '', ...extensions] = text.slice(0, -1).split('\n');
  if (origin === '') throw new Malformed('checkpoint origin', 'is empty');
  const root = parseBase64(rootText);
  if (root?.length !== 32) throw new Malformed('checkpoint root', 'not 32 bytes in base64');
  if (extensions.includes('')) throw new Malformed('checkpoint extension', 'is empty');
  return { origin, size: parseSize(size, 'checkpoint size'), root, extensions };
}
