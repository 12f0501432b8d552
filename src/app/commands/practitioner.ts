import { type PractitionerCommand, practitionerDecider } from '../../domain/practitioner/decider.ts';
import { practitionerFold } from '../../domain/practitioner/fold.ts';
import { asSet } from '../../domain/sets.ts';
import * as f from '../../kernel/field.ts';
import { practitionerStream } from '../../kernel/id.ts';
import { practitionerClaim } from '../claim-refs.ts';
import { identifiers, partyCommands } from './party.ts';

/** 医疗卫生人员: registerPractitioner, changePractitioner, endPractitioner. */
export const practitionerCommands = partyCommands({
  name: 'Practitioner',
  unknown: 'no-such-practitioner',
  stream: practitionerStream,
  claim: practitionerClaim,
  profile: {
    identifiers: identifiers(),
    name: f.text(256),
    licence: f.optional(f.text(128)),
    title: f.optional(f.text(128)),
    affiliations: f.list(f.id16(), 64),
  },
  decide: async (attempt, stream, command) => {
    const sorted =
      command.type === 'end'
        ? command
        : { ...command, profile: { ...command.profile, affiliations: asSet(command.profile.affiliations) } };
    return practitionerDecider.decide(
      sorted as PractitionerCommand,
      await attempt.load(stream, { practitioner: practitionerFold }),
    );
  },
});
