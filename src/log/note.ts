import { parseBase64, parseHex, toBase64, toHex } from '../kernel/base64.ts';
import { type Bytes, concat, utf8 } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';

/** One signature line: who says to have signed (name and key id together), and the bytes. */
export interface NoteSignature {
  readonly name: string;
  readonly id: string;
  readonly signature: Bytes;
}

/** C2SP signed-note (docs/spec/note.md). Nothing of it is to be believed before a signature by a known key has been verified. */
export interface Note {
  /** Ends in a newline, which is signed too. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** As Go's implementation has them: far more than a quorum needs, and a bound on what a stranger can make us read. */
const MAX_BYTES = 1_000_000;
const MAX_SIGNATURES = 100;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a note may not hold
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

export function isNoteText(text: string): boolean {
  return text.endsWith('\n') && text.isWellFormed() && !CONTROL.test(text);
}

const NO_NAME = /[\p{White_Space}+]/u;

export function isKeyName(name: string): boolean {
  return name !== '' && !NO_NAME.test(name) && isNoteText(`${name}\n`);
}

function printSignature({ name, id, signature }: NoteSignature): string {
  const bytes = parseHex(id);
  if (!isKeyName(name) || bytes?.length !== 4 || signature.length === 0) {
    throw new Malformed('note signature', 'not a name, an id of four bytes and a signature');
  }
  return `— ${name} ${toBase64(concat(bytes, signature))}\n`;
}

function checkNote(note: string, signatures: number): void {
  if (!isNoteText(note)) throw new Malformed('note', 'not text that ends in a newline, without control characters');
  if (utf8(note).length > MAX_BYTES) throw new Malformed('note', 'too long');
  if (signatures < 1 || signatures > MAX_SIGNATURES)
    throw new Malformed('note', `not 1 to ${MAX_SIGNATURES} signatures`);
}

/** Throws `Malformed` on what `parseNote` would refuse. */
export function printNote({ text, signatures }: Note): string {
  if (!isNoteText(text)) throw new Malformed('note', 'not text that ends in a newline, without control characters');
  const note = `${text}\n${signatures.map(printSignature).join('')}`;
  checkNote(note, signatures.length);
  return note;
}

/** A line `— <name> <base64>` without its newline. */
function parseSignature(line: string): NoteSignature {
  const [dash, name = '', body = '', ...more] = line.split(' ');
  const bytes = parseBase64(body);
  if (dash !== '—' || !isKeyName(name) || bytes === undefined || bytes.length < 5 || more.length > 0) {
    throw new Malformed('note signature', 'not `— <name> <base64>`');
  }
  return { name, id: toHex(bytes.subarray(0, 4)), signature: bytes.slice(4) };
}

/** Reads what an attacker may have written; print(parse(n)) = n. */
export function parseNote(note: string): Note {
  // The text may hold empty lines: the last one ends it.
  const cut = note.lastIndexOf('\n\n');
  const lines = cut < 0 ? [] : note.slice(cut + 2, -1).split('\n');
  checkNote(note, lines.length);
  return { text: note.slice(0, cut + 1), signatures: lines.map(parseSignature) };
}
