import { readFileSync } from 'node:fs';
import {
  isEnumType,
  isInputObjectType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { API_TABLES } from '../../src/graphql/api-tables.ts';
import { FAULTS } from '../../src/graphql/fault.ts';
import { printSdl, schema } from '../../src/graphql/schema.ts';
import { NAMESPACES, rootFields } from '../../src/graphql/schema-check.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
);

describe('the printed schema', () => {
  it('is the one that is committed', () => {
    expect(read('schema/schema.graphql')).toBe(printSdl());
  });

  it('describes every type, field, argument and value', () => {
    const silent = types.flatMap((type) => {
      const parts: { readonly name: string; readonly description?: string | null | undefined }[] = [type];
      if (isObjectType(type)) {
        for (const field of Object.values(type.getFields())) {
          parts.push({ ...field, name: `${type.name}.${field.name}` });
          for (const arg of field.args) parts.push({ ...arg, name: `${type.name}.${field.name}(${arg.name}:)` });
        }
      }
      if (isInputObjectType(type)) {
        for (const field of Object.values(type.getFields()))
          parts.push({ ...field, name: `${type.name}.${field.name}` });
      }
      if (isEnumType(type)) {
        for (const value of type.getValues()) parts.push({ ...value, name: `${type.name}.${value.name}` });
      }
      return parts.filter(({ description }) => (description ?? '').trim().length < 4).map(({ name }) => name);
    });
    expect(types.length).toBeGreaterThan(90);
    expect(silent).toEqual([]);
  });

  it('has no subscription, and of its own scalars only those that are explained', () => {
    expect(schema.getSubscriptionType()).toBeUndefined();
    expect(
      types
        .filter(isScalarType)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['Day', 'Instant']);
  });

  it('prints every code of a fault, though no field bears it', () => {
    const type = schema.getType('FaultCode');
    if (!isEnumType(type)) throw new Error('no FaultCode');
    expect(type.getValues().map(({ name }) => name)).toEqual(Object.keys(FAULTS).sort());
  });

  it('lets every field that calls the platform be null, so that its fault takes nothing else with it', () => {
    const strict = rootFields(schema).filter(({ name, field }) => !NAMESPACES.has(name) && isNonNullType(field.type));
    expect(strict.map(({ name }) => name)).toEqual([]);
  });
});

describe('docs/api.md', () => {
  const page = read('docs/api.md');

  it.each(Object.entries(API_TABLES))('has the table of %s as the sources print it', (name, print) => {
    const [, after = ''] = page.split(`<!-- ${name} -->\n`);
    expect(after.split(`<!-- /${name} -->`)[0]).toBe(print());
  });

  it('names only what is there', () => {
    const linked = [...page.matchAll(/\]\((?!#|https?:)([^)]+)\)/g)].map(([, path = '']) => path);
    expect(linked).toContain('../schema/schema.graphql');
    for (const path of linked) expect(() => read(`docs/${path}`)).not.toThrow();
  });
});
