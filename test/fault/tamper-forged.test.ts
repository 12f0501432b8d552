import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/audit/finding.ts';
import { toBase64Url } from '../../src/kernel/base64.ts';
import { addMs } from '../../src/kernel/instant.ts';
import type { Condition, RecordedEvent } from '../../src/ledger/port.ts';
import { type Forgery, forge, permitting, REFUSED } from '../support/forger.ts';
import { eventOf, type Story, tampered, tellStory } from '../support/tampering.ts';

/** What an event says of its own moment is held against what stood there, whoever sealed it. */

let story: Story;
beforeAll(async () => {
  story = await tellStory();
});
afterAll(() => story.close());

const last = (): RecordedEvent => story.events.at(-1) as RecordedEvent;
const anna = (revision: bigint, ...kinds: string[]): Condition['seen'] => [{ stream: story.anna, revision, kinds }];
const revision = (type: string): bigint => eventOf(story, story.anna, type).revision;

describe('an event made with the keys, past the conditions,', () => {
  const FORGED: readonly (readonly [string, () => readonly Forgery[], Partial<Finding>])[] = [
    [
      'that permits an access after the revocation that it says it had not seen',
      () => [{ stream: story.anna, event: permitting(), seen: anna(revision('access.permitted@1'), 'consent.') }],
      { kind: 'condition-broken', detail: expect.stringContaining('consent.revoked@1') },
    ],
    [
      'that has seen what did not yet stand, in its own stream',
      () => [{ stream: story.anna, event: REFUSED, seen: anna(99n, 'consent.') }],
      { kind: 'condition-broken' },
    ],
    [
      "that has seen what did not yet stand, in somebody else's",
      () => [{ stream: story.ben, event: REFUSED, seen: anna(99n, 'consent.') }],
      { kind: 'condition-broken' },
    ],
    [
      'that was decided on a stream in which more stood by then',
      () => [{ stream: story.ben, event: REFUSED, seen: anna(0n, 'consent.revoked') }],
      { kind: 'condition-broken' },
    ],
    [
      'that was appended before it was decided',
      () => [{ stream: story.anna, event: REFUSED, decided: addMs(last().time, 60_000) }],
      { kind: 'decided-after-append' },
    ],
    [
      'that came too late',
      () => [{ stream: story.anna, event: REFUSED, decided: addMs(last().time, -60_000) }],
      { kind: 'condition-broken' },
    ],
    [
      'that is the first of two of which the other never came',
      () => [{ stream: story.anna, event: REFUSED, batch: { at: 0, of: 2 } }],
      { kind: 'batch-partial' },
    ],
    [
      'that is the second of two of which the first is another append',
      () => [{ stream: story.anna, event: REFUSED, batch: { at: 1, of: 2 } }],
      { kind: 'batch-partial' },
    ],
    [
      'that numbers its append otherwise than its sister',
      () => [
        { stream: story.anna, event: REFUSED, batch: { at: 0, of: 2 } },
        { stream: story.anna, event: REFUSED, batch: { at: 1, of: 3 } },
      ],
      { kind: 'batch-partial' },
    ],
    [
      'that served something else than its root commits to',
      () => [{ stream: story.anna, event: permitting({ root: toBase64Url(new Uint8Array(32)) }) }],
      { kind: 'served-mismatch' },
    ],
    [
      'that counts more than it served',
      () => [{ stream: story.anna, event: permitting({ count: 3 }) }],
      { kind: 'served-mismatch' },
    ],
    [
      'that issues a code which leads nowhere',
      () => [
        {
          stream: story.anna,
          event: {
            type: 'code.issued@1',
            retained: { codeRef: toBase64Url(new Uint8Array(32)) as never, kind: 'static' },
            personal: { code: 'NOWHERE' },
          },
        },
      ],
      { kind: 'claim-differs' },
    ],
    [
      'that links a document which nobody could claim',
      () => [
        {
          stream: story.anna,
          event: {
            type: 'identity.document-linked@1',
            retained: { documents: [toBase64Url(new Uint8Array(32)) as never] },
            personal: { documents: [{ type: '01', issuer: 'urn:cv02.01.101:01', number: ' - ' }] },
          },
        },
      ],
      { kind: 'claim-differs' },
    ],
  ];

  it.each(FORGED)('%s, is found', async (_, forgeries, finding) => {
    await tampered(story, async (copy) => {
      expect(await forge(story, copy, forgeries())).toMatchObject(finding);
    });
  });

  it('is not found where it keeps them: the same forger tells nothing but what could have been', async () => {
    await tampered(story, async (copy) => {
      const seen = anna(revision('access.denied@1'), 'consent.', 'identity.');
      const pair = [0, 1].map((at) => ({ stream: story.anna, event: REFUSED, batch: { at, of: 2 } }));
      expect(await forge(story, copy, [{ stream: story.anna, event: permitting(), seen }, ...pair])).toBeUndefined();
    });
  });
});
