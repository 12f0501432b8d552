import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { readConfig } from '../src/config.ts';
import { nodeSuite } from '../src/suite-node/suite.ts';
import { checkValue } from '../src/vault/check-value.ts';
import { createKeyring, keyIds, keyNamed } from '../src/vault/keyring.ts';
import { readKeyring, writeKeyring } from '../src/vault/keyring-file.ts';
import { guarded, main, talk } from './cli.ts';

const file = {
  type: 'string',
  description: 'The keyring file; KEYRING_FILE, or keyring.json in DATA_DIR, unless told',
} as const;

const pathOf = (given: string | undefined): string => (given === undefined ? readConfig().keyringFile : resolve(given));

const create = guarded({
  meta: { name: 'create', description: 'Make a new keyring for a new, empty database; never overwrites a file' },
  args: { file },
  run: async ({ args }) => {
    const path = pathOf(args.file);
    await writeKeyring(path, createKeyring({ bytes: (length) => new Uint8Array(randomBytes(length)) }));
    talk('A new keyring stands there, readable by this user only.');
    talk('Back it up apart from the database: without it the database opens nothing, for anybody, ever.');
    console.log(path);
  },
});

const showIds = guarded({
  meta: {
    name: 'show-ids',
    description: 'List the keys by name with check values, which tell keyrings apart and no secret',
  },
  args: { file },
  run: async ({ args }) => {
    const keyring = await readKeyring(pathOf(args.file));
    for (const id of keyIds(keyring)) {
      const key = keyNamed(keyring, id);
      if (key !== undefined) console.log(`${id}\t${checkValue(nodeSuite, key, id)}`);
    }
  },
});

await main({
  meta: { name: 'npm run keyring --', description: 'The keys that do not live in the database' },
  subCommands: { create, 'show-ids': showIds },
});
