import { describe, expect, it } from 'vitest';
import { CannotListen } from './cannot-listen.ts';

const failed = (code: string): Error => Object.assign(new Error('listen'), { code });

describe('an address that cannot be listened on', () => {
  it.each([
    ['EADDRINUSE', 'another program listens there', 'set PORT to a free port'],
    ['EADDRNOTAVAIL', 'this machine has no such address', 'set HOST'],
    ['ENOTFOUND', 'there is no such host', 'set HOST'],
    ['EACCES', 'this user may not listen there', 'set PORT to 1024'],
    ['ESOMETHING', 'the system refuses', 'HOST and PORT'],
  ])('is told by why and what to do: %s', (code, why, next) => {
    const fault = new CannotListen('10.0.0.1', 80, failed(code));
    expect(fault.code).toBe('cannot-listen');
    expect(fault.message).toBe(`the API cannot listen on 10.0.0.1, port 80: ${why}`);
    expect(fault.next).toContain(next);
  });
});
