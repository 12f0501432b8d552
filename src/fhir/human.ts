import { type JsonObject, objectsAt, textAt, textsAt, tidyText } from './element.ts';

/** How people and places are written down in FHIR, as one line of text each. Lengths are those of the events. */

const NAME_ORDER = ['official', 'usual'];

/** Names as people read them, the official one first. A name of parts is given before family, as FHIR lists them. */
export function namesOf(resource: JsonObject): readonly string[] {
  const names = objectsAt(resource, 'name').toSorted((a, b) => rankOf(a, NAME_ORDER) - rankOf(b, NAME_ORDER));
  return [...new Set(names.flatMap((name) => nameText(name) ?? []))];
}

function nameText(name: JsonObject): string | undefined {
  const parts = [...textsAt(name, 'given'), ...textsAt(name, 'family'), ...textsAt(name, 'suffix')];
  return tidyText(textAt(name, 'text') ?? parts.join(' '), 256);
}

const PHONE_ORDER = ['mobile', 'home', 'work'];

export function phoneOf(resource: JsonObject): string | undefined {
  const phones = objectsAt(resource, 'telecom')
    .filter((contact) => contact.system === 'phone')
    .toSorted((a, b) => rankOf(a, PHONE_ORDER) - rankOf(b, PHONE_ORDER));
  return tidyText(
    phones.map((contact) => textAt(contact, 'value')).find((value) => value !== undefined),
    64,
  );
}

const ADDRESS_PARTS = ['line', 'district', 'city', 'state', 'postalCode', 'country'];

export function addressOf(resource: JsonObject): string | undefined {
  return objectsAt(resource, 'address')
    .toSorted((a, b) => rankOf(a, ['home', 'work']) - rankOf(b, ['home', 'work']))
    .map(addressText)
    .find((text) => text !== undefined);
}

export function addressText(address: JsonObject): string | undefined {
  const parts = ADDRESS_PARTS.flatMap((part) => textsAt(address, part));
  return tidyText(textAt(address, 'text') ?? parts.join(', '), 512);
}

/** Place in an order of preferred `use`; all others come after, `old` last of all. */
function rankOf(item: JsonObject, order: readonly unknown[]): number {
  if (item.use === 'old') return order.length + 1;
  const at = order.indexOf(item.use);
  return at < 0 ? order.length : at;
}

/** What people read of a CodeableConcept, a Coding or a plain string. */
export function conceptDisplay(value: unknown): string | undefined {
  if (typeof value === 'string') return tidyText(value, 512);
  return tidyText(textAt(value, 'text') ?? textAt(value, 'coding.display') ?? textAt(value, 'display'), 512);
}

/** The same, else its code. */
export function conceptText(value: unknown): string | undefined {
  return conceptDisplay(value) ?? tidyText(textAt(value, 'coding.code') ?? textAt(value, 'code'), 512);
}
