import type { PractitionerDraft } from '../fhir/draft.ts';
import { addMs, type Day, dayOf, type Instant, toEpochMs } from '../kernel/instant.ts';
import * as terms from './clinical-terms.ts';
import type { CountyCare, Institution } from './institution.ts';
import type { Random } from './random.ts';

/** A small FHIR resource with where it was made and by whom. */
export interface MadeResource {
  readonly type: string;
  readonly id: string;
  readonly on: Instant;
  readonly at: Institution;
  readonly by: PractitionerDraft;
  readonly resource: object;
}

export interface Patient {
  /** Resource id. */
  readonly id: string;
  readonly birthDate: Day;
  readonly care: CountyCare;
  readonly centre: Institution;
  readonly familyDoctor: PractitionerDraft;
}

/** Care begins on one of these days, after birth. Fixed: a population must not depend on the day on which it is made. */
const FIRST_DAY = '2019-01-01' as Day;
export const LAST_DAY = '2026-06-30' as Day;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** One visit to somebody somewhere, and what was written down there. */
interface Visit {
  readonly at: Institution;
  readonly by: PractitionerDraft;
  readonly on: Instant;
}

/** The records of some years of a life, oldest first. */
export function clinicalHistory(random: Random, patient: Patient): readonly MadeResource[] {
  const { care, centre, familyDoctor } = patient;
  const subject = { reference: `Patient/${patient.id}` };
  const made: MadeResource[] = [];

  const first = patient.birthDate > FIRST_DAY ? patient.birthDate : FIRST_DAY;
  const visit = (at: Institution, by: PractitionerDraft): Visit => ({ at, by, on: instantSince(random, first) });
  const atCentre = (): Visit => visit(centre, familyDoctor);
  /** At the general hospital, by the department of that name. */
  const atDepartment = (title: string): Visit => {
    const by = care.general.staff.find((one) => one.title === title);
    if (by === undefined) throw new Error(`no department ${title}`);
    return visit(care.general, by);
  };
  const write = (type: string, { at, by, on }: Visit, body: object): void => {
    const id = random.uuid();
    made.push({ type, id, on, at, by, resource: { resourceType: type, id, ...body } });
  };

  for (let visits = random.int(3) + 1; visits > 0; visits--) {
    const place = random.pick([care.hospital, care.clinic, centre]);
    outpatient(place === centre ? atCentre() : visit(place, random.pick(place.staff)));
  }
  vitalSign(atCentre());
  const shot = atCentre();
  write('Immunization', shot, {
    status: 'completed',
    vaccineCode: { text: random.pick(terms.VACCINES) },
    patient: subject,
    occurrenceDateTime: shot.on,
    performer: [{ actor: signed(shot.by) }],
  });
  if (random.percent(40)) {
    const plan = atCentre();
    const period = { start: dayOf(plan.on) };
    const title = '家庭医生签约服务健康管理计划';
    write('CarePlan', plan, { status: 'active', intent: 'plan', title, subject, period, author: signed(plan.by) });
  }
  if (random.percent(10)) {
    const found = atCentre();
    const code = { text: random.pick(terms.ALLERGIES) };
    write('AllergyIntolerance', found, { code, patient: subject, recordedDate: found.on, recorder: signed(found.by) });
  }
  if (random.percent(25)) {
    const taken = atDepartment('放射科');
    const description = random.pick(terms.IMAGES);
    write('ImagingStudy', taken, {
      status: 'available',
      description,
      subject,
      started: taken.on,
      interpreter: [signed(taken.by)],
    });
  }
  if (random.percent(12)) hospitalStay(atDepartment('心血管内科'));
  if (random.percent(8)) depression(atDepartment('精神科'));
  if (random.percent(4)) {
    report(atDepartment('感染科'), terms.HIV_TEST, { meta: terms.labelled('HIV'), conclusion: '阴性' });
  }
  return made.toSorted((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));

  function outpatient(seen: Visit): void {
    const { diagnosis, medicine } = random.pick(terms.COMMON);
    encounter(seen, 'AMB', '门诊病历', addMs(seen.on, HOUR_MS / 3));
    condition(seen, diagnosis, {});
    if (random.percent(70)) prescription(seen, medicine, {});
    if (random.percent(40)) report(seen, terms.BLOOD_COUNT, { conclusion: '未见明显异常' });
    if (random.percent(50)) {
      write('Claim', seen, {
        status: 'active',
        type: { text: '门诊收费' },
        patient: subject,
        created: seen.on,
        enterer: signed(seen.by),
        total: { value: random.int(400) + 10, currency: 'CNY' },
      });
    }
  }
  function hospitalStay(admitted: Visit): void {
    const days = random.int(9) + 2;
    encounter(admitted, 'IMP', '出院小结', addMs(admitted.on, days * DAY_MS));
  }
  function depression(seen: Visit): void {
    const restricted = { meta: terms.labelled('PSY') };
    condition(seen, terms.DEPRESSION, restricted);
    prescription(seen, terms.SERTRALINE, restricted);
  }
  function vitalSign(seen: Visit): void {
    const { what, from, unit } = random.pick(terms.VITAL_SIGNS);
    write('Observation', seen, {
      status: 'final',
      category: [{ coding: [{ code: 'vital-signs' }] }],
      code: what,
      subject,
      effectiveDateTime: seen.on,
      performer: [signed(seen.by)],
      valueQuantity: { value: from + random.int(40), unit },
    });
  }

  function encounter(seen: Visit, code: 'AMB' | 'IMP', text: string, end: Instant): void {
    write('Encounter', seen, {
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code },
      type: [{ text }],
      subject,
      participant: [{ individual: signed(seen.by) }],
      period: { start: seen.on, end },
      serviceProvider: { display: seen.at.draft.name },
    });
  }
  function condition(seen: Visit, code: terms.Concept, more: object): void {
    write('Condition', seen, { ...more, code, subject, onsetDateTime: dayOf(seen.on), recorder: signed(seen.by) });
  }
  function prescription(seen: Visit, medicine: terms.Concept, more: object): void {
    write('MedicationRequest', seen, {
      ...more,
      status: 'completed',
      intent: 'order',
      medicationCodeableConcept: medicine,
      subject,
      authoredOn: seen.on,
      requester: signed(seen.by),
    });
  }
  function report(seen: Visit, code: terms.Concept, more: object): void {
    write('DiagnosticReport', seen, {
      ...more,
      status: 'final',
      code,
      subject,
      effectiveDateTime: seen.on,
      performer: [signed(seen.by)],
    });
  }
}

/** A logical reference: who signed, by number. */
function signed(by: PractitionerDraft): object {
  return { identifier: { system: by.key.system, value: by.key.number }, display: by.name };
}

/** During opening hours of a day from `first` to the last one, in UTC. */
function instantSince(random: Random, first: Day): Instant {
  const start = `${first}T00:00:00.000Z` as Instant;
  const days = (toEpochMs(`${LAST_DAY}T00:00:00.000Z` as Instant) - toEpochMs(start)) / DAY_MS + 1;
  return addMs(start, random.int(days) * DAY_MS + random.int(9 * 60) * 60_000);
}
