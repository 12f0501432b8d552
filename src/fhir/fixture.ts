import { utf8 } from '../kernel/bytes.ts';
import { type BundleText, decodeBundle } from './bundle-text.ts';
import { cutBundle } from './cut.ts';
import { type BundleDrafts, type ExtractOptions, extractBundle } from './extract.ts';

/** Hand-made bundles for tests. */

export const SYSTEM = 'https://hospital.example/patients';

export interface Resource {
  readonly resourceType: string;
  readonly id?: string;
  readonly [element: string]: unknown;
}

function bundleText(...resources: readonly Resource[]): BundleText {
  const entry = resources.map((resource) => ({
    ...(resource.id === undefined ? {} : { fullUrl: `urn:uuid:${resource.id}` }),
    resource,
    request: { method: 'POST', url: resource.resourceType },
  }));
  return textOf(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }));
}

export function textOf(json: string): BundleText {
  return decodeBundle('test.json', utf8(json));
}

export function extracted(resources: readonly Resource[], options: ExtractOptions = {}): BundleDrafts {
  return extractBundle(cutBundle(bundleText(...resources)), options);
}

export const patient = (more: object = {}): Resource => ({
  resourceType: 'Patient',
  id: 'p1',
  identifier: [{ type: { coding: [{ code: 'MR' }] }, system: SYSTEM, value: '17' }],
  name: [{ family: 'Example', given: ['Ada'] }],
  ...more,
});

export const organization = (id: string, more: object = {}): Resource => ({
  resourceType: 'Organization',
  id,
  identifier: [{ system: 'https://organisations.example', value: `number-of-${id}` }],
  name: `Hospital ${id}`,
  ...more,
});

export const practitioner = (id: string, more: object = {}): Resource => ({
  resourceType: 'Practitioner',
  id,
  identifier: [{ system: 'https://licences.example', value: `number-of-${id}` }],
  name: [{ family: 'Heal', given: [id], prefix: ['Dr.'] }],
  ...more,
});

export const encounter = (id: string, provider: string | undefined, day: string, more: object = {}): Resource => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { code: 'AMB' },
  type: [{ text: 'Visit' }],
  subject: { reference: 'Patient/p1' },
  ...(provider === undefined ? {} : { serviceProvider: { reference: `Organization/${provider}` } }),
  period: { start: `${day}T08:00:00Z`, end: `${day}T09:00:00Z` },
  ...more,
});

export const observation = (id: string, more: object = {}): Resource => ({
  resourceType: 'Observation',
  id,
  code: { coding: [{ system: 'http://loinc.org', code: '8302-2', display: 'Body height' }] },
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2020-05-01T10:00:00+08:00',
  ...more,
});

export const keyOf = (id: string) => ({ system: 'https://organisations.example', number: `number-of-${id}` });
