import { type InstitutionCommand, institutionDecider } from '../../domain/institution/decider.ts';
import { institutionFold } from '../../domain/institution/fold.ts';
import { region } from '../../domain/terms.ts';
import * as f from '../../kernel/field.ts';
import { institutionStream } from '../../kernel/id.ts';
import { institutionClaim } from '../claim-refs.ts';
import { identifiers, partyCommands } from './party.ts';

/** 医疗卫生机构: registerInstitution, changeInstitution, endInstitution. */
export const institutionCommands = partyCommands({
  name: 'Institution',
  unknown: 'no-such-institution',
  stream: institutionStream,
  claim: institutionClaim,
  profile: {
    identifiers: identifiers(),
    name: f.text(256),
    region: f.optional(region()),
    level: f.optional(f.integer(0, 3)),
    kind: f.optional(f.text(64)),
  },
  decide: async (attempt, stream, command) =>
    institutionDecider.decide(
      command as InstitutionCommand,
      await attempt.load(stream, { institution: institutionFold }),
    ),
});
