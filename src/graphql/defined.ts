/** GraphQL says "not given" as null or undefined; the platform's inputs say it by leaving the key out. */
export type Defined<T> = T extends string | number | boolean | bigint
  ? T
  : T extends readonly (infer U)[]
    ? readonly Defined<NonNullable<U>>[]
    : T extends object
      ? Flatten<
          {
            readonly [K in keyof T as null extends T[K] ? never : undefined extends T[K] ? never : K]: Defined<T[K]>;
          } & {
            readonly [K in keyof T as null extends T[K] ? K : undefined extends T[K] ? K : never]?: Defined<
              NonNullable<T[K]>
            >;
          }
        >
      : T;
type Flatten<T> = { [K in keyof T]: T[K] } & {};

/** The same value without nulls, at every depth. */
export function defined<T>(value: T): Defined<T> {
  return strip(value) as Defined<T>;
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null && item !== undefined)
      .map(([key, item]) => [key, strip(item)]),
  );
}
