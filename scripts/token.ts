import { defineCommand } from 'citty';
import type { DocumentInput } from '../src/app/api.ts';
import { OPERATOR_SYSTEM } from '../src/app/local-caller.ts';
import { type DevelopmentToken, MAX_DEVELOPMENT_MINUTES, mintDevelopmentToken } from '../src/auth/development-token.ts';
import { type Config, readConfig } from '../src/config.ts';
import { ACTOR_KINDS } from '../src/kernel/event.ts';
import { Fault } from '../src/kernel/fault.ts';
import { fromEpochMs } from '../src/kernel/instant.ts';
import { readKeyring } from '../src/vault/keyring-file.ts';
import { BadOption } from './bad-option.ts';
import { program, talk } from './cli.ts';

const notAllowed = (name: string, allowed: string): BadOption =>
  new BadOption(`--${name}`, `is not ${allowed}`, `give --${name} as ${allowed}, or see --help`);

class NotForProvider extends Fault {
  readonly code = 'provider-configured';

  constructor() {
    super('an identity provider is configured, so development tokens are not accepted', {
      next: 'take a token from the provider, or leave out OIDC_JWKS_URL and OIDC_JWKS_FILE',
    });
  }
}

/** `system|number`. A number may hold "|", a system may not. */
function keyOption(name: string, text: string | undefined): { system: string; number: string } | undefined {
  if (text === undefined) return undefined;
  const cut = text.indexOf('|');
  if (cut < 1 || cut === text.length - 1) throw notAllowed(name, 'system|number');
  return { system: text.slice(0, cut), number: text.slice(cut + 1) };
}

/** `type|number`, or `type|issuer|number`. */
function documentOption(text: string | undefined): DocumentInput | undefined {
  if (text === undefined) return undefined;
  const [type = '', issuer = '', ...rest] = text.split('|');
  const document = rest.length === 0 ? { type, number: issuer } : { type, issuer, number: rest.join('|') };
  if (document.type === '' || document.number === '') throw notAllowed('document', 'type|number or type|issuer|number');
  return document;
}

interface Options {
  readonly role: string;
  readonly subject?: string | undefined;
  readonly organisation?: string | undefined;
  readonly practitioner?: string | undefined;
  readonly document?: string | undefined;
  readonly minutes: string;
}

function tokenFor(options: Options, config: Config): DevelopmentToken {
  const role = ACTOR_KINDS.find((kind) => kind === options.role);
  if (role === undefined) throw notAllowed('role', `one of ${ACTOR_KINDS.join(', ')}`);
  const minutes = /^\d{1,4}$/.test(options.minutes) ? Number(options.minutes) : 0;
  if (minutes < 1 || minutes > MAX_DEVELOPMENT_MINUTES) {
    throw notAllowed('minutes', `an integer from 1 to ${MAX_DEVELOPMENT_MINUTES}`);
  }
  const who = { role, subject: options.subject ?? `${role}-1`, minutes };
  if (role === 'resident') {
    const document = documentOption(options.document);
    return document === undefined ? who : { ...who, document };
  }
  const operator = { system: OPERATOR_SYSTEM, number: config.region };
  const organisation = keyOption('organisation', options.organisation) ?? operator;
  if (role !== 'practitioner') return { ...who, organisation };
  const practitioner = keyOption('practitioner', options.practitioner);
  if (practitioner === undefined) throw notAllowed('practitioner', 'system|number, which a practitioner needs');
  return { ...who, organisation, practitioner };
}

await program(
  defineCommand({
    meta: {
      name: 'npm run -s token --',
      description:
        'Mint a development token: signed with the keyring, accepted only by a server on a loopback address without an identity provider. The token goes to stdout, everything else to stderr.',
    },
    args: {
      role: { type: 'string', required: true, description: ACTOR_KINDS.join(' | ') },
      subject: { type: 'string', description: 'Who: the `sub` claim; the role and -1 unless told.' },
      organisation: {
        type: 'string',
        valueHint: 'SYSTEM|NUMBER',
        description:
          'For which organisation, by a number it is registered under; the operator unless told. Not for residents.',
      },
      practitioner: {
        type: 'string',
        valueHint: 'SYSTEM|NUMBER',
        description: 'Which practitioner, by a number they are registered under. Practitioners need it.',
      },
      document: {
        type: 'string',
        valueHint: 'TYPE|NUMBER',
        description:
          'A document of the resident that counts as verified, such as 01|<number> or 03|<issuer>|<number>: signs in as that resident.',
      },
      minutes: { type: 'string', default: '60', description: `How long it lives, at most ${MAX_DEVELOPMENT_MINUTES}.` },
    },
    run: async ({ args }) => {
      const config = readConfig();
      if (config.provider !== undefined) throw new NotForProvider();
      const token = tokenFor(args, config);
      const { developmentToken } = await readKeyring(config.keyringFile);
      const clock = { now: () => fromEpochMs(Date.now()) };
      console.log(await mintDevelopmentToken(developmentToken, token, clock));
      talk(`a ${token.role} for ${token.minutes} minutes; send it as "Authorization: Bearer <token>"`);
    },
  }),
);
