import type { Random } from './random.ts';
import { type County, placeName } from './region.ts';

/** Names, phones and addresses of people who do not exist. */

const SURNAMES = [
  ...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤',
];
const MALE_GIVEN = [...'伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林'];
const FEMALE_GIVEN = [...'芳娜敏静丽艳娟霞秀燕玲桂英洁梅琳雪慧红倩婷玉兰云莉萍欣瑶佳颖'];

export function inventedName(random: Random, sex: 'male' | 'female'): string {
  const given = sex === 'male' ? MALE_GIVEN : FEMALE_GIVEN;
  const second = random.percent(70) ? random.pick(given) : '';
  return random.pick(SURNAMES) + random.pick(given) + second;
}

/** A number in the area of Guiyang whose local part begins with 0. There 0 is the trunk prefix, so nobody can have it. */
export function inventedPhone(random: Random): string {
  return `0851-0${String(random.int(10_000_000)).padStart(7, '0')}`;
}

const ROADS = ['示范路', '样例街', '测试巷', '演示大道', '范例路'];

/** A real county, a road called after examples. */
export function inventedAddress(random: Random, county: County): string {
  const [number, unit, floor, flat] = [random.int(200) + 1, random.int(4) + 1, random.int(9) + 1, random.int(4) + 1];
  return `${placeName(county)}${random.pick(ROADS)}${number}号${unit}单元${floor}0${flat}室`;
}
