import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { defineCommand, runMain } from 'citty';
import { readConfig } from '../src/config.ts';
import { isFault } from '../src/kernel/fault.ts';
import { nodeSuite } from '../src/suite-node/suite.ts';
import { checkValue } from '../src/vault/check-value.ts';
import { createKeyring, keyIds, keyNamed } from '../src/vault/keyring.ts';
import { readKeyring, writeKeyring } from '../src/vault/keyring-file.ts';

const file = {
  type: 'string',
  description: 'The keyring file; KEYRING_FILE, or keyring.json in DATA_DIR, unless told.',
} as const;

const pathOf = (given: string | undefined): string => (given === undefined ? readConfig().keyringFile : resolve(given));

/** A fault says what to do next; anything else is a bug and shows where. */
async function orSay(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isFault(error)) throw error;
    console.error(`${error.code}: ${error.message}`);
    if (error.next !== undefined) console.error(`next: ${error.next}`);
    process.exitCode = 1;
  }
}

const create = defineCommand({
  meta: { name: 'create', description: 'Makes a new keyring for a new, empty database. Never overwrites a file.' },
  args: { file },
  run: ({ args }) =>
    orSay(async () => {
      const path = pathOf(args.file);
      await writeKeyring(path, createKeyring({ bytes: (length) => new Uint8Array(randomBytes(length)) }));
      console.error(`A new keyring stands at ${path}, readable by this user only.`);
      console.error('Back it up apart from the database: without it the database opens nothing, for anybody, ever.');
      console.log(path);
    }),
});

const showIds = defineCommand({
  meta: {
    name: 'show-ids',
    description: 'Lists the keys by name with their check values, which tell keyrings apart and no secret.',
  },
  args: { file },
  run: ({ args }) =>
    orSay(async () => {
      const keyring = await readKeyring(pathOf(args.file));
      for (const id of keyIds(keyring)) {
        const key = keyNamed(keyring, id);
        if (key !== undefined) console.log(`${id}\t${checkValue(nodeSuite, key, id)}`);
      }
    }),
});

await runMain(
  defineCommand({
    meta: { name: 'keyring', description: 'The keys that do not live in the database.' },
    subCommands: { create, 'show-ids': showIds },
  }),
);
