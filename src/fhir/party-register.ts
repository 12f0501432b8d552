import { equalBytes } from '../kernel/bytes.ts';
import { type InstitutionDraft, type PartyKey, type PractitionerDraft, partyKeyText } from './draft.ts';
import type { BundleDrafts, PartyEntry } from './extract.ts';
import { type Merged, mergeInstitution, mergePractitioner } from './merge.ts';

/**
 * `new`: not seen in this run. `same`: the very bytes that were seen first. `merged`: other content for a known party;
 * `added` names the fields that it gave, often none.
 */
type PartyOutcome =
  | { readonly kind: 'new' }
  | { readonly kind: 'same' }
  | { readonly kind: 'merged'; readonly added: readonly string[] };

interface SeenParty {
  readonly entry: number;
  readonly type: 'Organization' | 'Practitioner';
  readonly outcome: PartyOutcome;
}

/** The organisations and practitioners of a run over many bundles, each once, in the order in which they were first seen. */
export interface PartyRegister {
  add(bundle: Pick<BundleDrafts, 'institutions' | 'practitioners'>): readonly SeenParty[];
  institutions(): readonly InstitutionDraft[];
  practitioners(): readonly PractitionerDraft[];
  /** What a reference in any bundle names; `undefined` when nothing, or when two different parties bear the name. */
  partyElsewhere(reference: string): PartyKey | undefined;
}

interface Known<T> {
  readonly draft: T;
  /** What was seen first. */
  readonly content: Uint8Array;
}

export function partyRegister(): PartyRegister {
  const institutions = new Map<string, Known<InstitutionDraft>>();
  const practitioners = new Map<string, Known<PractitionerDraft>>();
  /** `null`: two parties bear the name. */
  const byName = new Map<string, PartyKey | null>();

  const note = <T extends { readonly key: PartyKey }>(
    known: Map<string, Known<T>>,
    merge: (known: T, incoming: T) => Merged<T>,
    { draft, names, content }: PartyEntry<T>,
  ): PartyOutcome => {
    const text = partyKeyText(draft.key);
    for (const name of names) {
      const other = byName.get(name);
      const clash = other === null || (other !== undefined && partyKeyText(other) !== text);
      byName.set(name, clash ? null : draft.key);
    }
    const before = known.get(text);
    if (before === undefined) {
      // A copy: a view would keep the whole file in memory for as long as the run.
      known.set(text, { draft, content: content.slice() });
      return { kind: 'new' };
    }
    const { draft: after, added } = merge(before.draft, draft);
    known.set(text, { draft: after, content: before.content });
    if (added.length === 0 && equalBytes(content, before.content)) return { kind: 'same' };
    return { kind: 'merged', added: added.map(String) };
  };

  return {
    add: (bundle) => [
      ...bundle.institutions.map(
        (party): SeenParty => ({
          entry: party.entry,
          type: 'Organization',
          outcome: note(institutions, mergeInstitution, party),
        }),
      ),
      ...bundle.practitioners.map(
        (party): SeenParty => ({
          entry: party.entry,
          type: 'Practitioner',
          outcome: note(practitioners, mergePractitioner, party),
        }),
      ),
    ],
    institutions: () => [...institutions.values()].map(({ draft }) => draft),
    practitioners: () => [...practitioners.values()].map(({ draft }) => draft),
    partyElsewhere: (reference) => byName.get(reference) ?? undefined,
  };
}
