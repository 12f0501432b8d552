import { type Operation, ROLES } from '../../app/roles.ts';
import { decideLogRead, type LogReadDecision } from '../../domain/access/decide-log-read.ts';
import type { ActorRef } from '../../kernel/event.ts';
import {
  type Id16,
  institutionStream,
  isId16,
  isLabel,
  kindOf,
  type Label,
  practitionerStream,
  residentStream,
  type StreamName,
  subjectOf,
} from '../../kernel/id.ts';
import type { Case, Judge, KnownOf } from './append.ts';
import type { Flaw } from './difference.ts';
import { askerStream, checkGuards, readGuards } from './guards.ts';

type LogRead = KnownOf<'access.log-read@1'> | KnownOf<'access.denied@1'>;

/** A trail read, or refused: who may, where it is written, and on what basis. */
export const judgeLogRead: Judge = (of) => {
  const [event] = of.append.events as readonly [LogRead];
  const { by } = event.retained;
  const operation: Operation = by.kind === 'resident' ? 'myAccessLog' : 'readTrail';
  if (!ROLES[operation].includes(by.kind)) {
    return [{ kind: 'actor', recorded: `${by.kind} access-log`, follows: 'no such read' }];
  }
  const resident = kindOf(event.stream) === 'resident' ? (subjectOf(event.stream) as Label) : undefined;
  const identity = resident === undefined ? [] : [{ stream: event.stream, kinds: ['erasure.', 'identity.'] }];
  const unguarded = checkGuards(of, [...identity, ...readGuards(of)]);
  if (unguarded.length > 0) return unguarded;

  const organisation = by.kind === 'resident' ? undefined : by.organisation;
  const decision = decideLogRead(
    {
      identity: of.states.of(event.stream).identity,
      institution: of.states.of(organisation === undefined ? undefined : institutionStream(organisation)).institution,
    },
    { actor: by, ...(resident === undefined ? {} : { resident }) },
  );
  return event.type === 'access.denied@1' ? judgeDenial(of, event, decision) : judgeServed(of, event, decision);
};

function judgeDenial({ note }: Case, event: KnownOf<'access.denied@1'>, decision: LogReadDecision): readonly Flaw[] {
  const { rule } = event.retained;
  const recorded = `${event.type} by rule ${rule}`;
  if (decision.outcome === 'denied') {
    return rule === decision.rule ? [] : [{ kind: 'decision', recorded, follows: `denied by rule ${decision.rule}` }];
  }
  if (rule !== 'not-covered') return [{ kind: 'decision', recorded, follows: `access.log-read@1` }];
  note('cursor');
  return [];
}

function judgeServed(of: Case, event: KnownOf<'access.log-read@1'>, decision: LogReadDecision): readonly Flaw[] {
  const { by, basis, filter, served } = event.retained;
  if (decision.outcome === 'denied') {
    return [{ kind: 'decision', recorded: event.type, follows: `access.denied@1 by rule ${decision.rule}` }];
  }
  if (basis !== decision.basis) return [{ kind: 'field', recorded: `${event.type} basis`, follows: decision.basis }];
  if (!streamsOf(of, by, filter).includes(event.stream)) {
    return [{ kind: 'place', recorded: `in a stream of ${kindOf(event.stream)}`, follows: 'where the trail is about' }];
  }
  if (served.count > served.matched) {
    return [{ kind: 'served', recorded: 'served count', follows: 'no more than matched' }];
  }
  of.note('served-trail');
  return [];
}

/** Where a trail may be recorded: with the resident, practitioner or organisation that it is about, else with the asker. */
function streamsOf(
  of: Case,
  by: ActorRef,
  filter: KnownOf<'access.log-read@1'>['retained']['filter'],
): readonly StreamName[] {
  const { resident, person, organisation } = filter;
  if (resident !== undefined) return [residentStream(resident)];
  return [
    ...(person !== undefined && isId16(person) ? [practitionerStream(person)] : []),
    ...(person !== undefined && isLabel(person) ? [residentStream(person)] : []),
    ...(organisation === undefined ? [] : [institutionStream(organisation)]),
    ...ownStream(of, by),
  ];
}

/** The asker's own stream: where what has no resident's stream is recorded. */
export function ownStream(of: Case, by: ActorRef): readonly StreamName[] {
  if (by.kind === 'resident') return [residentStream(by.id as Label)];
  const practitioner = askerStream(of, by);
  if (practitioner !== undefined) return [practitioner];
  return by.organisation === undefined ? [] : [institutionStream(by.organisation as Id16)];
}
