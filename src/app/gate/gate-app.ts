import type { Bytes } from '../../kernel/bytes.ts';
import type { Id16, StreamName } from '../../kernel/id.ts';
import type { GatedReads } from '../../reads/gated/gated-reads.ts';
import type { SealedRef } from '../../vault/port.ts';
import type { App } from '../app.ts';

/** What only the gate holds: opening. Nothing here is called before the event that stands for it is durable. */
export interface GateApp extends App {
  readonly gated: GatedReads;
  /** One answer a part, in order; 'erased' when the subject's key is gone. */
  readonly openPersonal: (parts: readonly SealedRef[]) => Promise<readonly (Record<string, unknown> | 'erased')[]>;
  /** The exact bytes; 'erased' or undefined when they are not there any more. `hash` is their SHA-256, checked. */
  readonly openContent: (
    stream: StreamName,
    contentId: Id16,
    hash: Uint8Array,
  ) => Promise<Bytes | 'erased' | undefined>;
}
