import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply, Variables } from './api.ts';

/** What became of the requests that were not simply answered. */
export interface Told {
  /** Answers that said: send the same again later. By their code. */
  readonly retry: Map<string, number>;
  /** Connections that nobody took: nothing was sent over them. */
  refused: number;
  /** Requests that were sent and never answered: of these nobody was told anything. */
  lost: number;
}

/**
 * The least that stands before several API processes: in turn, over connections that are kept. It sends a request again only where
 * nothing was sent at all, or the API itself has said so, and then to another process while the one that said it rests as told.
 */
export interface Balancer {
  /** Throws `Lost` for a request that was sent and not answered. */
  post(token: string | undefined, query: string, variables?: Variables): Promise<Reply>;
  readonly told: Told;
  close(): void;
}

export class Lost extends Error {}

/** Of the API's codes, those that say: the same again, later. What else fails has failed. */
const RETRY = ['BUSY', 'UNAVAILABLE', 'UNKNOWN_OUTCOME'];
const REFUSED_MS = 200;
/** A test that nobody answers any more ends. */
const PATIENCE_MS = 60_000;

export function balancer(urls: readonly string[]): Balancer {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const restsUntil = urls.map(() => 0);
  const told: Told = { retry: new Map(), refused: 0, lost: 0 };
  let turn = 0;

  /** The next process in turn that does not rest; waits when all do. */
  async function next(): Promise<number> {
    for (;;) {
      const now = performance.now();
      for (let i = 0; i < urls.length; i++) {
        const place = turn++ % urls.length;
        if ((restsUntil[place] ?? 0) <= now) return place;
      }
      await sleep(20);
    }
  }
  const rest = (place: number, ms: number): void => {
    restsUntil[place] = Math.max(restsUntil[place] ?? 0, performance.now() + ms);
  };

  return {
    told,
    close: () => agent.destroy(),
    post: async (token, query, variables = {}) => {
      const body = JSON.stringify({ query, variables });
      for (const began = performance.now(); performance.now() - began < PATIENCE_MS; ) {
        const place = await next();
        const sent = await send(agent, urls[place] ?? '', token, body);
        if (sent === 'refused') {
          told.refused++;
          rest(place, REFUSED_MS);
        } else if (sent === 'lost') {
          told.lost++;
          throw new Lost(`no answer from process ${place}`);
        } else {
          const after = retryAfter(sent);
          if (after === undefined) return sent;
          told.retry.set(after.code, (told.retry.get(after.code) ?? 0) + 1);
          // The whole process says so, or only this one request was too much.
          if (sent.status === 503) rest(place, after.ms);
          else await sleep(after.ms);
        }
      }
      throw new Lost('told to come again for ever');
    },
  };
}

/** How long to wait, when something in the answer says that the same may be sent again; undefined otherwise. */
function retryAfter({ status, headers, errors }: Reply): { readonly code: string; readonly ms: number } | undefined {
  const told = errors.map(({ extensions }) => extensions);
  const [first] = told;
  if (first === undefined || !told.every(({ code }) => RETRY.includes(code))) return undefined;
  const ms = first.code === 'BUSY' ? first.retryAfterMs : 200;
  // BUSY without a time is no answer that one could heed.
  if (typeof ms !== 'number' || !(ms > 0)) return undefined;
  if (status === 503 && first.code === 'BUSY' && !(Number(headers.get('retry-after')) * 1000 >= ms)) return undefined;
  return { code: first.code, ms };
}

function send(agent: Agent, url: string, token: string | undefined, body: string): Promise<Reply | 'refused' | 'lost'> {
  return new Promise((resolve) => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...authorization };
    const req = request(url, { agent, method: 'POST', headers }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (part: string) => {
        text += part;
      });
      res.on('error', () => resolve('lost'));
      res.on('end', () => {
        const { data, errors = [] } = JSON.parse(text) as Partial<Pick<Reply, 'data' | 'errors'>>;
        const all = new Headers();
        for (const [name, value] of Object.entries(res.headers)) if (typeof value === 'string') all.set(name, value);
        resolve({ status: res.statusCode ?? 0, headers: all, text, data, errors });
      });
    });
    req.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'lost'));
    req.end(body);
  });
}
