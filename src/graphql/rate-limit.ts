import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Actor } from '../app/actor.ts';
import { ApiFault } from './fault.ts';

/** Calls of one actor for one purpose within a minute, in this process. Looked at before anything is decided; nothing is appended. */
export interface RateLimit {
  /** Takes so many calls, or throws LIMIT with `retryAfterMs` and takes none that counts. */
  take(actor: Actor, purpose: string, calls: number): Promise<void>;
}

const WINDOW_S = 60;

export function rateLimit(perMinute: number): RateLimit {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: WINDOW_S });
  return {
    async take({ issuer, subject }, purpose, calls) {
      try {
        await limiter.consume(JSON.stringify([issuer, subject, purpose]), calls);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        const retryAfterMs = Math.max(1, error.msBeforeNext);
        throw new ApiFault('LIMIT', 'too many calls for this purpose: send the same again after retryAfterMs', {
          retryAfterMs,
        });
      }
    },
  };
}
