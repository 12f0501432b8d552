import type { InstitutionDraft, PractitionerDraft } from '../fhir/draft.ts';
import { inventedAddress, inventedName, inventedPhone } from './person.ts';
import { randomOf } from './random.ts';
import { COUNTIES, type County } from './region.ts';
import { inventedUscc } from './uscc.ts';

/** Issuing systems, WS/T 500: 医疗卫生机构 and 医务人员. */
const INSTITUTION_SYSTEM = 'urn:oid:2.16.156.10011.1.5';
const PRACTITIONER_SYSTEM = 'urn:oid:2.16.156.10011.1.7';

export interface Institution {
  readonly draft: InstitutionDraft;
  readonly staff: readonly PractitionerDraft[];
}

/** What care a county has. Its general hospital is that of the prefecture: one for all counties there. */
export interface CountyCare {
  readonly county: County;
  /** 三级医院 */
  readonly general: Institution;
  /** 二级医院 */
  readonly hospital: Institution;
  /** 一级医院 */
  readonly clinic: Institution;
  /** 社区卫生服务中心, where the family doctors are. */
  readonly centres: readonly Institution[];
}

/** People for whom a county stands, and whom one family doctor looks after, about. */
const RESIDENTS_OF_COUNTY = 1000;
const RESIDENTS_OF_DOCTOR = 1500;
const FEWEST_COUNTIES = 3;
const CENTRES_OF_COUNTY = 2;

const SPECIALTIES = ['心血管内科', '内分泌科', '精神科', '感染科', '呼吸内科', '放射科'];

/** The counties that a population of this size lives in, and their institutions with staff. No two share a number. */
export function countyCare(seed: string, residents: number): readonly CountyCare[] {
  const wanted = Math.max(FEWEST_COUNTIES, Math.ceil(residents / RESIDENTS_OF_COUNTY));
  const counties = COUNTIES.slice(0, Math.min(COUNTIES.length, wanted));
  const doctors = Math.max(1, Math.ceil(residents / counties.length / CENTRES_OF_COUNTY / RESIDENTS_OF_DOCTOR));
  /** Four digits of the seed in every number keep two seeds apart. */
  const tag = String(randomOf(`${seed}/tag`).int(10_000)).padStart(4, '0');
  let institutions = 0;
  let practitioners = 0;

  const institution = (
    county: County,
    name: string,
    kind: string,
    level: number,
    staff: readonly { readonly title: string; readonly alsoIn?: Institution }[],
  ): Institution => {
    const number = inventedUscc(county.code, tag + String(institutions++).padStart(3, '0'));
    const key = { system: INSTITUTION_SYSTEM, number };
    const random = randomOf(`${seed}/institution/${number}`);
    const [phone, address] = [inventedPhone(random), inventedAddress(random, county)];
    return {
      draft: { key, identifiers: [key], name, region: county.code, level, kind, phone, address },
      staff: staff.map(({ title, alsoIn }): PractitionerDraft => {
        const own = { system: PRACTITIONER_SYSTEM, number: `X${tag}${String(practitioners++).padStart(6, '0')}` };
        return {
          key: own,
          identifiers: [own],
          name: inventedName(random, random.percent(50) ? 'male' : 'female'),
          licence: own.number,
          title,
          // 多点执业: some work in a second place as well.
          affiliations: alsoIn === undefined ? [key] : [key, alsoIn.draft.key],
          phone: inventedPhone(random),
        };
      }),
    };
  };

  const generals = new Map<string, Institution>();
  return counties.map((county): CountyCare => {
    const { prefecture, name } = county;
    const hospital = institution(county, `${name}人民医院`, '综合医院', 2, [
      { title: '内科' },
      { title: '外科' },
      { title: '全科' },
    ]);
    const general =
      generals.get(prefecture.code) ??
      institution(
        county,
        `${prefecture.name}第一人民医院`,
        '综合医院',
        3,
        SPECIALTIES.map((title, i) => (i === 0 ? { title, alsoIn: hospital } : { title })),
      );
    generals.set(prefecture.code, general);
    const clinic = institution(county, `${name}中心卫生院`, '卫生院', 1, [{ title: '全科' }]);
    const centres = Array.from({ length: CENTRES_OF_COUNTY }, (_, i) =>
      institution(
        county,
        `${name}第${'一二'.charAt(i)}社区卫生服务中心`,
        '社区卫生服务中心',
        1,
        Array.from({ length: doctors }, () => ({ title: '家庭医生' })),
      ),
    );
    return { county, general, hospital, clinic, centres };
  });
}

/** Each once, hospitals before those who come after them. */
export function institutionsOf(care: readonly CountyCare[]): readonly Institution[] {
  return [
    ...new Set(care.flatMap(({ general, hospital, clinic, centres }) => [general, hospital, clinic, ...centres])),
  ];
}
