import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/domain/catalogue.ts';
import { fromUtf8, utf8 } from '../../src/kernel/bytes.ts';
import {
  decodePersonal,
  decodeRetained,
  type EventDeclaration,
  encodePersonal,
  encodeRetained,
} from '../../src/kernel/event.ts';
import { Malformed } from '../../src/kernel/fault.ts';
import { vectors } from './vectors.ts';

interface EventVector {
  readonly type: string;
  readonly retained: string;
  readonly personal: string;
}
const VALID = vectors<EventVector>('event', 'valid');

function declarationOf(type: string): EventDeclaration {
  const declaration = CATALOGUE.get(type);
  if (declaration === undefined) throw new Error(`${type} is not in the catalogue: what is stored could not be read`);
  return declaration;
}

describe('a stored event', () => {
  it.each(VALID)('%s is read and written again as it was', (fact, vector) => {
    expect(fact.startsWith(vector.type)).toBe(true);
    const declaration = declarationOf(vector.type);
    const retained = decodeRetained(declaration, utf8(vector.retained));
    const personal = decodePersonal(declaration, utf8(vector.personal));
    expect(fromUtf8(encodeRetained(declaration, retained))).toBe(vector.retained);
    expect(fromUtf8(encodePersonal(declaration, personal))).toBe(vector.personal);
  });

  it.each(VALID)('%s takes no field that is not declared', (_, vector) => {
    const declaration = declarationOf(vector.type);
    const more = (text: string) => utf8(text.replace(/\}$/, text === '{}' ? '"zz":1}' : ',"zz":1}'));
    expect(() => decodeRetained(declaration, more(vector.retained))).toThrow('is not declared');
    expect(() => decodePersonal(declaration, more(vector.personal))).toThrow('is not declared');
  });

  it.each(VALID)('%s keeps what is personal out of its retained part', (_, vector) => {
    const declaration = declarationOf(vector.type);
    for (const [name, value] of Object.entries(JSON.parse(vector.personal) as Record<string, unknown>)) {
      if (name in declaration.retained) continue;
      const retained = JSON.parse(vector.retained) as Record<string, unknown>;
      expect(() => encodeRetained(declaration, { ...retained, [name]: value })).toThrow(Malformed);
    }
  });

  it('has a vector for every type of the catalogue', () => {
    expect([...new Set(VALID.map(([, vector]) => vector.type))].sort()).toEqual([...CATALOGUE.keys()].sort());
  });
});
