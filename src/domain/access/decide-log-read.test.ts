import { describe, expect, it } from 'vitest';
import {
  ANNA,
  asAnna,
  asBen,
  asDoctor,
  asOffice,
  asRegulator,
  asSystem,
  BEN,
  deceased,
  doctor,
  granted,
  hospital,
  hospitalEnded,
  issued,
  registered,
} from '../../../test/support/domain-samples.ts';
import { type Happened, statesAfter } from '../../../test/support/given.ts';
import type { ActorRef } from '../../kernel/event.ts';
import type { Label } from '../../kernel/id.ts';
import { decideLogRead } from './decide-log-read.ts';

const ask = (past: readonly Happened[], actor: ActorRef, resident?: Label) =>
  decideLogRead(statesAfter(...past), { actor, ...(resident && { resident }) });
const no = (rule: string) => ({ outcome: 'denied', rule });

describe('a resident', () => {
  it('reads the own log and nobody else’s', () => {
    expect(ask([registered], asAnna, ANNA)).toEqual({ outcome: 'permitted', rule: 'self', basis: 'PIPL-13-1' });
    expect(ask([registered], asAnna, BEN)).toEqual(no('no-consent'));
    expect(ask([registered], asBen, ANNA)).toEqual(no('no-consent'));
    expect(ask([registered], asAnna)).toEqual(no('no-consent'));
  });

  it('who is not registered, or has died, reads none', () => {
    expect(ask([], asAnna, ANNA)).toEqual(no('unknown-actor'));
    expect(ask([registered, deceased], asAnna, ANNA)).toEqual(no('deceased'));
  });
});

describe('a regulator', () => {
  const permitted = { outcome: 'permitted', rule: 'policy', basis: 'PIPL-13-3' };

  it('reads every trail, of the dead too', () => {
    expect(ask([hospital], asRegulator)).toEqual(permitted);
    expect(ask([registered, deceased, hospital], asRegulator, ANNA)).toEqual(permitted);
  });

  it('whose organisation is not registered, or has ended, reads none', () => {
    expect(ask([], asRegulator)).toEqual(no('unknown-actor'));
    expect(ask([hospital, hospitalEnded], asRegulator)).toEqual(no('actor-ended'));
  });
});

it('nobody else reads any log, whatever was granted, also under the resident’s label', () => {
  const past = [registered, issued(), hospital, doctor(), granted()];
  for (const actor of [asDoctor, asOffice, asSystem]) {
    for (const one of [actor, { ...actor, id: ANNA }]) {
      expect(ask(past, one, ANNA)).toEqual(no('no-consent'));
      expect(ask(past, one)).toEqual(no('no-consent'));
    }
  }
});
