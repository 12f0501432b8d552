import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The ways in which a text may stand somewhere in clear, each under its name. */
export function spellingsOf(text: string): ReadonlyMap<string, Buffer> {
  const utf8 = Buffer.from(text, 'utf8');
  const utf16 = Buffer.from(text, 'utf16le');
  const spellings = new Map<string, Buffer>([
    ['UTF-8', utf8],
    ['UTF-16LE', utf16],
    ['UTF-16BE', Buffer.from(utf16).swap16()],
    ['hex', Buffer.from(utf8.toString('hex'))],
    ['HEX', Buffer.from(utf8.toString('hex').toUpperCase())],
    ['lower case', Buffer.from(text.toLowerCase())],
    [
      'JSON escapes',
      Buffer.from(text.replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)),
    ],
    ['per cent', Buffer.from(encodeURIComponent(text))],
  ]);
  // In a longer text base64 begins at any of three places; its first and last letters then depend on what stands beside.
  for (const shift of [0, 1, 2]) {
    const letters = Buffer.concat([Buffer.alloc(shift), utf8])
      .toString('base64')
      .replace(/=+$/, '');
    const inner = letters.slice(shift === 0 ? 0 : shift + 1, -1);
    spellings.set(`base64 at ${shift}`, Buffer.from(inner));
    spellings.set(`base64url at ${shift}`, Buffer.from(inner.replaceAll('+', '-').replaceAll('/', '_')));
  }
  return spellings;
}

/** Where any of these words stands in the bytes, as `<place>: <word> in <spelling>`. */
export function found(place: string, bytes: Buffer, words: readonly string[]): string[] {
  return words.flatMap((word) =>
    [...spellingsOf(word)].flatMap(([name, spelling]) =>
      bytes.includes(spelling) ? [`${place}: ${word} in ${name}`] : [],
    ),
  );
}

/** Where any of these words stands in the files of a folder, at any depth; and how many bytes were read. */
export async function foundIn(
  folder: string,
  words: readonly string[],
): Promise<{ readonly at: string[]; readonly bytes: number }> {
  const at: string[] = [];
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // A file that the server has just removed held what others still hold, or nothing.
    const content = await readFile(path).catch(() => Buffer.alloc(0));
    bytes += content.length;
    at.push(...found(path, content, words));
  }
  return { at, bytes };
}
