import type { Caller } from '../../src/app/actor.ts';
import type { Platform } from '../../src/app/api.ts';
import type { Reading } from './population.ts';

const TOKEN = { issuer: 'urn:bench', until: '9999-12-31T23:59:59.999Z' as never, role: 'practitioner' } as const;

/** The family doctor, as the platform knows the bearer of such a token. */
export async function callerOf(platform: Platform, { doctor, institution, practitioner }: Reading): Promise<Caller> {
  const actor = await platform.actorOf({ ...TOKEN, subject: doctor, organisation: institution, practitioner });
  if (actor === undefined) throw new Error('nobody is behind the token');
  return { actor };
}
