import { sealEvents } from '../../src/app/seal-events.ts';
import { checkLedger } from '../../src/audit/check-ledger.ts';
import type { Finding } from '../../src/audit/finding.ts';
import { type AnyNewEvent, CATALOGUE } from '../../src/domain/catalogue.ts';
import { toBase64Url } from '../../src/kernel/base64.ts';
import type { CommonRetained } from '../../src/kernel/event.ts';
import { type StreamName, toEventId, toId16 } from '../../src/kernel/id.ts';
import { addMs, type Instant } from '../../src/kernel/instant.ts';
import type { Condition, SealedEvent } from '../../src/ledger/port.ts';
import { servedRoot } from '../../src/ledger/served-set.ts';
import type { Node } from '../../src/main.ts';
import { nodeEntropy } from '../../src/suite-node/entropy.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { type Placed, rehashed, replaceLedger } from './forge.ts';
import { lightDeps, type Story, type Tampered } from './tampering.ts';

/** Somebody with the keys of the running process, who writes events past the ledger's conditions. */

/** What a forger with keys may say beside the event itself. */
export interface Forgery {
  readonly event: AnyNewEvent;
  readonly stream: StreamName;
  readonly seen?: Condition['seen'];
  readonly decided?: Instant;
  readonly notAfter?: Instant;
  readonly batch?: CommonRetained['batch'];
}

export const REFUSED: AnyNewEvent = {
  type: 'access.denied@1',
  retained: { purpose: 'TREAT', selection: { what: 'records' }, rule: 'no-consent' },
  personal: {},
};

export const permitting = (served: object = {}): AnyNewEvent => {
  const salt = nodeEntropy.bytes(32);
  const root = toBase64Url(servedRoot(suite, salt, []));
  return {
    type: 'access.permitted@1',
    retained: {
      purpose: 'TREAT',
      selection: { what: 'records' },
      rule: 'grant',
      basis: 'PIPL-13-1',
      grants: [],
      policyRules: [],
      served: { categories: [], count: 0, matched: 0, root, ...served },
    },
    personal: { served: { ids: [], salt: toBase64Url(salt) } },
  };
};

/** Seals by the vault of a running node, as its own code would, whatever the event says. `last` is the ledger's last instant. */
async function sealed(node: Node, last: Instant, forgery: Forgery): Promise<Placed> {
  const { event, stream, seen = [], decided = last, notAfter = addMs(decided, 5_000), batch } = forgery;
  const keys = await node.app.vault.keysOf(stream, decided);
  const common = { by: { kind: 'practitioner', id: toId16(nodeEntropy.bytes(16)) } } as const;
  const id = toEventId(nodeEntropy.bytes(16));
  const one = (): SealedEvent =>
    sealEvents(keys, [{ id, event }], common, { seen, decided, notAfter })[0] as SealedEvent;
  const ofSeveral = (): SealedEvent => {
    const declaration = CATALOGUE.get(event.type);
    if (declaration === undefined) throw new Error('no such type');
    const retained = { ...common, decided, notAfter, seen: [], batch, ...event.retained };
    return keys.seal({ id, type: event.type, declaration, retained, personal: event.personal });
  };
  return { ...(batch === undefined ? one() : ofSeveral()), stream, time: addMs(last, 1) };
}

/** Appends forged events behind the story's last one, everything mended, and has it checked. */
export async function forge(
  { events, identity }: Story,
  copy: Tampered,
  forgeries: readonly Forgery[],
): Promise<Finding | undefined> {
  const node = await copy.node();
  try {
    const last = events.at(-1)?.time as Instant;
    const placed: Placed[] = [];
    for (const forgery of forgeries) placed.push(await sealed(node, last, forgery));
    await replaceLedger(copy.sql, rehashed(identity, [...events, ...placed]));
    return (await checkLedger(lightDeps(node))).finding;
  } finally {
    await node.close();
  }
}
