import { Fault } from '../kernel/fault.ts';

const WHY: Readonly<Record<string, { readonly why: string; readonly next: string }>> = {
  EADDRINUSE: {
    why: 'another program listens there',
    next: 'end that program, or set PORT to a free port; 0 takes any',
  },
  EADDRNOTAVAIL: { why: 'this machine has no such address', next: 'set HOST to an address of this machine' },
  ENOTFOUND: { why: 'there is no such host', next: 'set HOST to an address of this machine' },
  EACCES: { why: 'this user may not listen there', next: 'set PORT to 1024 or more' },
};

/** The address cannot be listened on, so nobody is served. Nothing was opened that must be closed. */
export class CannotListen extends Fault {
  readonly code = 'cannot-listen';

  constructor(host: string, port: number, cause: unknown) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const known = WHY[reason];
    super(`the API cannot listen on ${host}, port ${port}: ${known?.why ?? 'the system refuses'}`, {
      cause,
      next: known?.next ?? 'look at HOST and PORT',
    });
  }
}
