import { builder } from './builder.ts';

/** `diagnostic-report` → `DIAGNOSTIC_REPORT`: GraphQL's names have no hyphens. */
export function enumName(wire: string): string {
  return wire.replaceAll('-', '_').toUpperCase();
}

/** A GraphQL enum over the wire names of a closed list; each name is described. Resolvers see wire names only. */
export function wireEnum<const V extends string>(
  name: string,
  description: string,
  values: { readonly [W in V]: string },
) {
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(
      (Object.entries(values) as [V, string][]).map(([wire, text]) => [
        enumName(wire),
        { value: wire, description: text },
      ]),
    ) as { readonly [key: string]: { readonly value: V; readonly description: string } },
  });
}
