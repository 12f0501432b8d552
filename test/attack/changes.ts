import { endAll } from './inhabitants.ts';
import type { Population } from './population.ts';
import type { KnownActor, KnownCode, KnownDoctor, KnownHospital, KnownResident } from './truth.ts';

/** What happens in the region between documents: each change is made through the API, and known to the oracle from then on. */

const alive = ({ truth }: Population): KnownResident[] =>
  truth.residents.filter(({ dead, codes }) => !dead && codes.at(-1)?.state !== 'CLOSED');

/** One change at random; says which. */
export async function change(population: Population): Promise<string> {
  const { dice } = population;
  const what = dice.pick(CHANGES);
  const resident = dice.pick(alive(population));
  const done = await what.make(population, resident);
  if (done) await population.witness(resident);
  return done ? what.name : 'nothing to change';
}

interface Change {
  readonly name: string;
  /** False where there was nothing to change. */
  make(population: Population, resident: KnownResident): Promise<boolean>;
}

const live = (resident: KnownResident): KnownCode => resident.codes.at(-1) as KnownCode;

const CHANGES: readonly Change[] = [
  {
    name: 'a grant',
    make: async (population, resident) => {
      if (resident.consents.filter(({ fate }) => fate === 'granted').length > 12) return false;
      await population.grant(resident, population.anyTerms());
      return true;
    },
  },
  {
    name: 'an end of a consent',
    make: async (population, resident) => {
      const now = new Date().toISOString();
      const open = resident.consents.filter(
        ({ fate, terms }) => fate === 'requested' || (fate === 'granted' && terms.validUntil > now),
      );
      if (open.length === 0) return false;
      await population.end(resident, population.dice.pick(open));
      return true;
    },
  },
  {
    name: 'a request',
    make: async (population, resident) => {
      if (live(resident).state !== 'ACTIVE' || resident.consents.filter(({ fate }) => fate === 'requested').length > 3)
        return false;
      await population.request(
        resident,
        population.dice.pick(writing(population, ({ role }) => role === 'practitioner')),
      );
      return true;
    },
  },
  {
    name: 'a record',
    make: async (population, resident) => {
      if (resident.records.length > 25) return false;
      await population.register(resident, population.dice.pick(writing(population)));
      return true;
    },
  },
  {
    name: 'a new version of a record',
    make: async (population, resident) => {
      const standing = resident.records.filter(({ withdrawn }) => !withdrawn);
      if (standing.length === 0) return false;
      const record = population.dice.pick(standing);
      await population.register(
        resident,
        population.dice.pick(writing(population, ({ organisation }) => organisation === record.custodian)),
        record,
      );
      return true;
    },
  },
  {
    name: 'a withdrawal',
    make: async (population, resident) => {
      const standing = resident.records.filter(({ withdrawn }) => !withdrawn);
      if (standing.length < 4) return false;
      await population.withdraw(population.dice.pick(standing), resident);
      return true;
    },
  },
  {
    name: 'a suspension, or its end',
    make: async ({ cast }, resident) => {
      const code = live(resident);
      if (code.state === 'SUSPENDED') await cast.done(cast.office, 'resumeCode', { code: code.text });
      else await cast.done(cast.office, 'suspendCode', { code: code.text, reason: 'OFFICE' });
      code.state = code.state === 'SUSPENDED' ? 'ACTIVE' : 'SUSPENDED';
      return true;
    },
  },
  {
    name: 'another code',
    make: async ({ cast, dice }, resident) => {
      if (resident.codes.length > 3 || dice.chance(0.5)) return false;
      await cast.done(cast.office, 'closeCode', { code: live(resident).text, reason: 'REPLACED' });
      live(resident).state = 'CLOSED';
      endAll(resident);
      const { healthCode } = await cast.done(cast.office, 'issueCode', { documents: resident.profile.documents });
      resident.codes.push({ text: healthCode as string, state: 'ACTIVE', ref: '', issuedAt: '' });
      return true;
    },
  },
  {
    name: 'a change of where somebody works',
    make: async ({ cast, dice, truth, writers }) => {
      const doctor = dice.pick(
        truth.doctors.filter(({ ended, name }) => !ended && name === 'Doctor D4'),
      ) as KnownDoctor;
      const both = [...writers.keys()].slice(0, 2) as [KnownHospital, KnownHospital];
      // The one by whom the second hospital's records are written works there always.
      const affiliations = doctor.affiliations.length === 2 ? [both[1]] : both;
      const { id, key, name, title, licence } = doctor;
      await cast.done(cast.regulator, 'changePractitioner', {
        id,
        identifiers: [key],
        name,
        title,
        licence,
        affiliations: affiliations.map((one) => one.id),
      });
      doctor.affiliations = affiliations;
      return true;
    },
  },
];

/** Those who may write records where they work. */
function writing({ writers }: Population, fits: (actor: KnownActor) => boolean = () => true): KnownActor[] {
  return [...writers.values()].flat().filter((actor) => fits(actor) && actor.doctor?.ended !== true);
}
