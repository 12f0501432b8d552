import type { Mark } from '../../kernel/id.ts';

/** What decisions need to know of a resident's identity; names and numbers are personal and never in a state. */
export type IdentityState = {
  readonly status: 'unregistered' | 'living' | 'deceased';
  /** Marks of the documents linked to the person, ascending. */
  readonly documents: readonly Mark[];
  /** Marks of the sign-ins bound to the person, ascending. */
  readonly logins: readonly Mark[];
};

/** What stands in the way of anything that only a registered, living resident has or does. */
export function hindrance(identity: IdentityState): 'not-registered' | 'deceased' | undefined {
  switch (identity.status) {
    case 'unregistered':
      return 'not-registered';
    case 'deceased':
      return 'deceased';
    case 'living':
      return undefined;
  }
}
