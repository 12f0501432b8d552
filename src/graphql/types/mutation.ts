import { builder } from '../builder.ts';

builder.mutationType({
  description:
    'What can be changed. Every command bears a `requestId` of your choice, 8 to 64 of A-Z a-z 0-9 . _ -: the same command sent again under it is answered and not written again; another command under it is refused. Commands of one request run one after the other; null only with an entry in `errors`.',
});
