import type { Judge, KnownOf } from './append.ts';

/** A mark behind something that was overtaken: the engine's word, which nothing else stands for. */
export const judgeMark: Judge = (of) => {
  const [event] = of.append.events as unknown as readonly [KnownOf<'access.withheld@1'> | KnownOf<'command.late@1'>];
  of.note('overtaken');
  const before = event.retained.seen.find(({ stream }) => stream === event.stream);
  // It is written behind what it names, so that stood already.
  return before === undefined || before.revision < 0
    ? [
        {
          kind: 'guards',
          recorded: `${event.type} that has not seen its stream`,
          follows: 'a mark behind what it names',
        },
      ]
    : [];
};
