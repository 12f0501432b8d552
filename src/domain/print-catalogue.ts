import type { Canonical } from '../kernel/canonical.ts';
import { COMMON_PERSONAL, COMMON_RETAINED, RETENTION_YEARS } from '../kernel/event.ts';
import { shapeOf } from '../kernel/field.ts';
import { CATALOGUE } from './catalogue.ts';

/**
 * The text of schema/events.json: every event type with its retention class and the shape of each field, retained and personal. It is
 * reviewed like code, because what it says is stored for ever: a changed line of a released type is a mistake.
 */
export function printCatalogue(): string {
  const years = Object.entries(RETENTION_YEARS).map(([name, term]) => [
    name,
    term === null ? 'for life' : `${term} years`,
  ]);
  const printed: Canonical = {
    retention: Object.fromEntries(years),
    common: { retained: shapeOf(COMMON_RETAINED), personal: shapeOf(COMMON_PERSONAL) },
    events: Object.fromEntries(
      [...CATALOGUE.values()].map(({ type, retention, retained, personal }) => [
        type,
        { retention, retained: shapeOf(retained), personal: shapeOf(personal) },
      ]),
    ),
  };
  return `${print(printed, '')}\n`;
}

const WIDTH = 100;

/** JSON as a reader wants it: on one line what fits on one. */
function print(value: Canonical, indent: string): string {
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const [open, close] = isList ? '[]' : '{}';
  const parts = isList
    ? value.map((item) => print(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${print(item, inner)}`);
  const flat = parts.join(', ');
  const space = isList || flat === '' ? '' : ' ';
  if (!flat.includes('\n') && indent.length + flat.length < WIDTH) return `${open}${space}${flat}${space}${close}`;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}
