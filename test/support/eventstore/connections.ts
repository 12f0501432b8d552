/** Who appends over each connection: the answers of many writers take the room of the events that it subscribes to. */
export interface Connections {
  began(peer: string, stream: string): void;
  ended(peer: string): void;
  /** So many writers at once share this connection, or did a moment ago, that a subscription on it falls behind. */
  crowded(peer: string): boolean;
}

/** As few single writers as made a real server drop the subscription beside them. */
const CROWD = 16;
/** Writers who have their answers write again: between two appends of each the crowd is still there. */
const MOMENT_MS = 100;

interface Traffic {
  inFlight: number;
  /** When there were last two appends at once: one writer after another is no crowd. */
  overlapped: number;
  /** The streams appended to, each with when it last was, the oldest first. */
  readonly streams: Map<string, number>;
}

export function connections(): Connections {
  const traffics = new Map<string, Traffic>();
  return {
    began: (peer, stream) => {
      const traffic = traffics.get(peer) ?? { inFlight: 0, overlapped: Number.NEGATIVE_INFINITY, streams: new Map() };
      traffics.set(peer, traffic);
      const now = performance.now();
      if (traffic.inFlight > 0) traffic.overlapped = now;
      traffic.inFlight += 1;
      traffic.streams.delete(stream);
      traffic.streams.set(stream, now);
      forget(traffic, now);
    },
    ended: (peer) => {
      const traffic = traffics.get(peer);
      if (traffic !== undefined) traffic.inFlight -= 1;
    },
    crowded: (peer) => {
      const traffic = traffics.get(peer);
      const now = performance.now();
      if (traffic === undefined || now - traffic.overlapped > MOMENT_MS) return false;
      forget(traffic, now);
      return traffic.streams.size >= CROWD;
    },
  };
}

function forget({ streams }: Traffic, now: number): void {
  for (const [stream, at] of streams) {
    if (now - at <= MOMENT_MS) return;
    streams.delete(stream);
  }
}
