declare const brand: unique symbol;

/** A string that has passed its own parser; only that parser (or a maker beside it) may produce it. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
