/** What a test can ask of the test server: every way in which a real one fails its clients. */
export interface EventStoreFaults {
  /** Accepts connections and what comes over them, answers nothing, and carries out what waited when it is thawed. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Breaks every connection; the next is let in. */
  dropConnections(): Promise<void>;
  /** Breaks every connection and refuses new ones until `acceptConnections`. The server behind goes on. */
  refuseConnections(): Promise<void>;
  acceptConnections(): Promise<void>;
  /** Every byte arrives so many milliseconds later, each way. 0: at once. */
  slow(ms: number): Promise<void>;
  /**
   * `store`: appends are taken and not stored. `answer`: they are stored and nobody is told. Until `releaseWrites`; after two seconds
   * the server answers such an append with a time-out, as a real one does.
   */
  holdWrites(what: 'store' | 'answer'): Promise<void>;
  releaseWrites(): Promise<void>;
  /** Drops every live subscription as one whose consumer was too slow. */
  dropSubscriptions(): Promise<void>;
  /** Another node of the cluster leads: the others turn away whoever asks for the leader, with its endpoint. */
  elect(node: number): Promise<void>;
  /**
   * Ends at once, with nobody told. What waited to be stored (`holdWrites('store')`) is stored or lost, as told; what was being stored
   * is whole or not there. Connections are refused until `restart`, which comes back with the same ports and the same log.
   */
  crash(waiting?: 'stored' | 'lost'): Promise<void>;
  restart(): Promise<void>;
}
