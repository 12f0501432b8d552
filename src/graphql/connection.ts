import type { ObjectRef } from '@pothos/core';
import { type BuilderTypes, builder } from './builder.ts';
import { type PageInfo, PageInfoType } from './types/page-info.ts';

/** A page of rows that each know their cursor. */
export interface Connection<T> {
  readonly rows: readonly T[];
  readonly pageInfo: PageInfo;
  readonly total: number;
  /** The access event that stands for the page; absent where the rows are open. */
  readonly event?: string;
}

interface Row {
  readonly cursor: string;
}

interface PlatformPage {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
  readonly total: number;
  readonly event?: string;
}

export function toConnection<T extends Row>(
  page: PlatformPage,
  rows: readonly T[],
  after: string | undefined,
): Connection<T> {
  const { hasNextPage, total, event } = page;
  const pageInfo = {
    hasNextPage,
    hasPreviousPage: after !== undefined,
    // Cursors are made when they are asked for.
    get startCursor() {
      return rows[0]?.cursor ?? null;
    },
    get endCursor() {
      return page.endCursor;
    },
  };
  return { rows, pageInfo, total, ...(event === undefined ? {} : { event }) };
}

/** The Relay connection and edge over a node type. `total` says what `totalCount` counts. */
export function connectionType<T extends Row>(
  node: ObjectRef<BuilderTypes, T>,
  about: { readonly of: string; readonly total: string; readonly gated: boolean },
) {
  const edge = builder.objectRef<T>(`${node.name}Edge`).implement({
    description: `A row of a page of ${about.of}.`,
    fields: (t) => ({
      cursor: t.string({
        description: 'Give it as `after` to continue behind this row.',
        resolve: ({ cursor }) => cursor,
      }),
      node: t.field({ type: node, description: 'The row itself.', resolve: (row) => row as never }),
    }),
  });
  return builder.objectRef<Connection<T>>(`${node.name}Connection`).implement({
    description: `A page of ${about.of}.`,
    fields: (t) => ({
      edges: t.field({ type: [edge], description: 'The rows of this page.', resolve: ({ rows }) => [...rows] }),
      pageInfo: t.field({
        type: PageInfoType,
        description: 'Where the page stands.',
        resolve: ({ pageInfo }) => pageInfo,
      }),
      totalCount: t.int({ description: about.total, resolve: ({ total }) => total }),
      ...(about.gated
        ? {
            event: t.id({
              description: 'Id of the access event that stands for this answer.',
              resolve: ({ event }) => {
                if (event === undefined) throw new Error(`a gated page of ${about.of} without its event`);
                return event;
              },
            }),
          }
        : {}),
    }),
  });
}
