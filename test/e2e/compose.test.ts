import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { openConnection } from '../../src/ledger/eventstore/client.ts';

const TEXT = readFileSync(new URL('../../compose.yaml', import.meta.url), 'utf8');

/** The settings that the API's processes are told, with the variables of whoever runs it filled in. */
function apiSettings(): Record<string, string> {
  const block = /^x-api-settings: &api-settings\n((?: {2}.+\n)+)/m.exec(TEXT)?.[1] ?? '';
  const filled = block
    .replaceAll(/\$\{OIDC_JWKS_URL[^}]*\}/g, 'https://idp.example/jwks')
    .replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
    .replaceAll(/\$\{\w+[^}]*\}/g, 'abc123');
  return Object.fromEntries(
    [...filled.matchAll(/^ {2}(\w+): "?(.*?)"?$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** Nobody has run it (it says so itself); what of it can be held against the code is. */
describe('compose.yaml', () => {
  it('says in its first line that it was not run', () => {
    expect(TEXT.split('\n')[0]).toMatch(/^# Written, not run/);
  });

  it('tells the API settings that it takes: for real, on EventStoreDB with TLS, and with an identity provider', () => {
    const settings = apiSettings();
    expect(Object.keys(settings).length).toBeGreaterThan(12);
    const config = readConfig(settings);
    expect(config).toMatchObject({ environment: 'production', seedResidents: 0, databaseOwnerUrl: undefined });
    expect(config.provider?.jwks).toEqual({ url: new URL('https://idp.example/jwks') });
    expect(config.eventStore?.url).toMatch(/^esdb:\/\/hrl:abc123@\S+\?tls=true&/);
  });

  it('names nodes in a connection string that the client takes', async () => {
    const url = (apiSettings().EVENTSTORE_URL ?? '').replace(/&tlsCAFile=[^&]*/, '');
    for (const name of ['esdb-1', 'esdb-2', 'esdb-3']) {
      expect(url).toContain(`${name}:2113`);
      expect(TEXT).toMatch(new RegExp(`^ {2}${name}:$`, 'm'));
    }
    await openConnection(url).close();
  });

  it('names every image without where it comes from, and every password without what it is', () => {
    const images = [...TEXT.matchAll(/(?:image:|FROM) (\S+)/g)].map(([, image = '']) => image);
    expect(images.length).toBeGreaterThan(3);
    expect(images.filter((image) => (image.split('/')[0] ?? '').includes('.') && image.includes('/'))).toEqual([]);
    const passwords = [...TEXT.matchAll(/^ +\w*PASSWORD: (.+)$/gm)].map(([, value]) => value);
    expect(passwords.length).toBeGreaterThan(5);
    for (const value of passwords) expect(value).toMatch(/^\$\{\w+_PASSWORD:\?\}$/);
  });
});
