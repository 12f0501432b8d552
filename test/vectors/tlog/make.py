"""The formats of the public log (docs/spec: note, checkpoint, cosignature, tiles, tlog-proof, policy, prefix-tree), written in Python: shares no code with src/.

`python3 test/vectors/tlog/make.py` recomputes every vector below and exits 1 naming those that differ; `--write` writes them. Needs the standard
library, and `cryptography` for Ed25519. Nothing of the project needs it. Vectors marked "C2SP" are the examples of the specifications themselves.
"""

import base64
import hashlib
import json
import pathlib
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NOTE, COSIGNATURE = 1, 4


def H(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def b64(data):
    return base64.b64encode(data).decode()


class Key:
    def __init__(self, name, kind, seed):
        self.name, self.kind = name, kind
        self.private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = H(name.encode(), b'\n', bytes([kind]), self.public)[:4]
        self.vkey = f'{name}+{self.id.hex()}+{b64(bytes([kind]) + self.public)}'

    def line(self, text, time=None):
        if self.kind == NOTE:
            return f'— {self.name} {b64(self.id + self.private.sign(text.encode()))}\n'
        message = f'cosignature/v1\ntime {time}\n{text}'.encode()
        return f'— {self.name} {b64(self.id + struct.pack(">Q", time) + self.private.sign(message))}\n'

    def fields(self):
        kind = {NOTE: 'note', COSIGNATURE: 'cosignature'}[self.kind]
        return {'text': self.vkey, 'kind': kind, 'name': self.name, 'id': self.id.hex(), 'publicKey': self.public.hex()}


ORIGIN = 'health.example/110000'
LOG = Key(ORIGIN, NOTE, 1)
OTHER = Key('other.example/log', NOTE, 2)
W1, W2, W3 = (Key(f'witness.example/w{i}', COSIGNATURE, 16 + i) for i in (1, 2, 3))
HAN = Key('见证.example', COSIGNATURE, 32)
TIME = 1795316645

C2SP_VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
C2SP_NOTE = (
    'This is an example message.\n\n— example.com/foo '
    'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
)


def leaf(i):
    return H(b'\x00', b'leaf %d' % i)


def split(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def mth(hashes):
    if len(hashes) < 2:
        return hashes[0] if hashes else H()
    k = split(len(hashes))
    return H(b'\x01', mth(hashes[:k]), mth(hashes[k:]))


def path(m, hashes):
    if len(hashes) < 2:
        return []
    k = split(len(hashes))
    if m < k:
        return path(m, hashes[:k]) + [mth(hashes[k:])]
    return path(m - k, hashes[k:]) + [mth(hashes[:k])]


LEAVES = [leaf(i) for i in range(300)]
ROOT = mth(LEAVES)
BODY = f'{ORIGIN}\n300\n{b64(ROOT)}\n'
SIGNED = BODY + '\n' + LOG.line(BODY)
COSIGNED = SIGNED + W1.line(BODY, TIME) + W2.line(BODY, TIME + 2)


def note(text, *lines):
    return text + '\n' + ''.join(lines)


def verified(note, keys, text, *signatures):
    return {'note': note, 'keys': [k if isinstance(k, str) else k.vkey for k in keys], 'text': text,
            'signatures': [{'key': k if isinstance(k, str) else k.vkey, **({} if t is None else {'time': str(t)})} for k, t in signatures]}


def refused(reason, note, *keys):
    return {'note': note, 'keys': [k.vkey for k in keys], 'reason': reason}


def flip(line, at):
    name, body = line[:-1].rsplit(' ', 1)
    data = bytearray(base64.b64decode(body))
    data[at] ^= 1
    return f'{name} {b64(bytes(data))}\n'


HELLO = 'hello\n'
L = 2**252 + 27742317777372353535851937790883648493


def malleable(line):
    """The same signature with S + L: some libraries take it."""
    name, body = line[:-1].rsplit(' ', 1)
    data = base64.b64decode(body)
    s = int.from_bytes(data[36:], 'little') + L
    return f'{name} {b64(data[:36] + s.to_bytes(32, "little"))}\n'


NOTES = {
    'valid': {
        'c2sp-example': verified(C2SP_NOTE, [C2SP_VKEY], 'This is an example message.\n', (C2SP_VKEY, None)),
        'one-signature': verified(note(HELLO, LOG.line(HELLO)), [LOG], HELLO, (LOG, None)),
        'two-signatures': verified(note(HELLO, OTHER.line(HELLO), LOG.line(HELLO)), [LOG, OTHER], HELLO, (OTHER, None), (LOG, None)),
        'unknown-key-is-ignored': verified(note(HELLO, OTHER.line(HELLO), LOG.line(HELLO)), [LOG], HELLO, (LOG, None)),
        'unknown-key-of-another-length-is-ignored': verified(note(HELLO, f'— x {b64(b"12345")}\n', LOG.line(HELLO)), [LOG], HELLO, (LOG, None)),
        'known-name-with-another-id-is-ignored': verified(note(HELLO, flip(LOG.line(HELLO), 0), LOG.line(HELLO)), [LOG], HELLO, (LOG, None)),
        'text-with-empty-lines': verified(note('a\n\n\nb\n', LOG.line('a\n\n\nb\n')), [LOG], 'a\n\n\nb\n', (LOG, None)),
        'text-of-one-empty-line': verified(note('\n', LOG.line('\n')), [LOG], '\n', (LOG, None)),
        'text-with-a-signature-line': verified(note(SIGNED, LOG.line(SIGNED)), [LOG], SIGNED, (LOG, None)),
        'text-beyond-ascii': verified(note('健康\u007f🙂\n', LOG.line('健康\u007f🙂\n')), [LOG], '健康\u007f🙂\n', (LOG, None)),
        'byte-order-mark-is-signed-too': verified(note('\ufeffa\n', LOG.line('\ufeffa\n')), [LOG], '\ufeffa\n', (LOG, None)),
        '100-signatures': verified(note(HELLO, *[LOG.line(HELLO)] * 100), [LOG], HELLO, *[(LOG, None)] * 100),
    },
    'invalid': {
        'no-signature': refused('malformed', HELLO + '\n', LOG),
        'no-empty-line': refused('malformed', HELLO + LOG.line(HELLO), LOG),
        'no-text': refused('malformed', '\n' + LOG.line(''), LOG),
        'no-final-newline': refused('malformed', note(HELLO, LOG.line(HELLO))[:-1], LOG),
        'empty-line-behind': refused('malformed', note(HELLO, LOG.line(HELLO)) + '\n', LOG),
        'empty-line-between-signatures': refused('forged', note(HELLO, OTHER.line(HELLO), '\n', LOG.line(HELLO)), LOG),
        'line-that-is-no-signature': refused('malformed', note(HELLO, LOG.line(HELLO), 'x\n'), LOG),
        'hyphen-for-dash': refused('malformed', note(HELLO, LOG.line(HELLO).replace('—', '-')), LOG),
        'two-spaces': refused('malformed', note(HELLO, LOG.line(HELLO).replace('— ', '—  ')), LOG),
        'fourth-word': refused('malformed', note(HELLO, LOG.line(HELLO)[:-1] + ' x\n'), LOG),
        'crlf': refused('malformed', note(HELLO, LOG.line(HELLO)).replace('\n', '\r\n'), LOG),
        'tab-in-text': refused('malformed', note('a\tb\n', LOG.line('a\tb\n')), LOG),
        'nul-in-text': refused('malformed', note('a\0b\n', LOG.line('a\0b\n')), LOG),
        'name-empty': refused('malformed', note(HELLO, LOG.line(HELLO).replace(ORIGIN, '')), LOG),
        'name-with-plus': refused('malformed', note(HELLO, LOG.line(HELLO), OTHER.line(HELLO).replace('other', 'o+r')), LOG),
        'name-with-no-break-space': refused('malformed', note(HELLO, LOG.line(HELLO), OTHER.line(HELLO).replace('other', 'o\u00a0r')), LOG),
        'name-with-next-line': refused('malformed', note(HELLO, LOG.line(HELLO), OTHER.line(HELLO).replace('other', 'o\u0085r')), LOG),
        'base64-unpadded': refused('malformed', note(HELLO, LOG.line(HELLO), f'— x {b64(b"12345").rstrip("=")}\n'), LOG),
        'base64-padding-bits-set': refused('malformed', note(HELLO, LOG.line(HELLO), '— x MTIzNDV=\n'), LOG),
        'signature-of-no-bytes': refused('malformed', note(HELLO, LOG.line(HELLO), f'— x {b64(b"1234")}\n'), LOG),
        '101-signatures': refused('malformed', note(HELLO, *[LOG.line(HELLO)] * 101), LOG),
        'other-text': refused('forged', note('hellp\n', LOG.line(HELLO)), LOG),
        'empty-line-added-to-text': refused('forged', note(HELLO + '\n', LOG.line(HELLO)), LOG),
        'no-known-key': refused('forged', note(HELLO, OTHER.line(HELLO)), LOG),
        'name-of-another': refused('forged', note(HELLO, LOG.line(HELLO).replace(ORIGIN, 'other.example/log')), LOG, OTHER),
        'signature-flipped-beside-a-good-one': refused('forged', note(HELLO, OTHER.line(HELLO), flip(LOG.line(HELLO), 10)), LOG, OTHER),
        'signature-flipped-behind-a-good-one-of-the-same-key': refused('forged', note(HELLO, LOG.line(HELLO), flip(LOG.line(HELLO), 67)), LOG),
        'signature-cut': refused('forged', note(HELLO, f'— {ORIGIN} {b64(LOG.id + LOG.private.sign(HELLO.encode())[:63])}\n'), LOG),
        'signature-with-s-plus-l': refused('forged', note(HELLO, malleable(LOG.line(HELLO))), LOG),
    },
}

COSIGNATURES = {
    'valid': {
        'by-one-witness': verified(COSIGNED, [W1], BODY, (W1, TIME)),
        'by-two-beside-the-log': verified(COSIGNED, [LOG, W1, W2, W3], BODY, (LOG, None), (W1, TIME), (W2, TIME + 2)),
        'name-beyond-ascii': verified(note(BODY, HAN.line(BODY, TIME)), [HAN], BODY, (HAN, TIME)),
        'at-time-0': verified(note(BODY, W1.line(BODY, 0)), [W1], BODY, (W1, 0)),
        'at-the-last-second': verified(note(BODY, W1.line(BODY, 2**63 - 1)), [W1], BODY, (W1, 2**63 - 1)),
        'of-a-checkpoint-with-extension': verified(note(BODY + 'x 1\n', W1.line(BODY + 'x 1\n', TIME)), [W1], BODY + 'x 1\n', (W1, TIME)),
    },
    'invalid': {
        'time-changed': refused('forged', note(BODY, flip(W1.line(BODY, TIME), 11)), W1),
        'signed-as-a-note': refused('forged', note(BODY, f'— {W1.name} {b64(W1.id + struct.pack(">Q", TIME) + W1.private.sign(BODY.encode()))}\n'), W1),
        'time-left-out': refused('malformed', note(BODY, f'— {W1.name} {b64(W1.id + W1.private.sign(BODY.encode()))}\n'), W1),
        'time-beyond-63-bits': refused('malformed', note(BODY, W1.line(BODY, 2**63)), W1),
        'byte-behind': refused('malformed', note(BODY, f'— {W1.name} {b64(base64.b64decode(W1.line(BODY, TIME).split()[-1]) + b"x")}\n'), W1),
        'of-no-checkpoint': refused('malformed', note(HELLO, W1.line(HELLO, TIME)), W1),
        'extension-added': refused('forged', note(BODY + 'x\n', W1.line(BODY, TIME)), W1),
        'of-another-size': refused('forged', note(BODY.replace('300', '301'), W1.line(BODY, TIME)), W1),
    },
}

P = 2**255 - 19


def vkey(name, id_, key, kind=NOTE):
    return {'text': f'{name}+{id_}+{b64(bytes([kind]) + key)}'}


def honest(key, name='a', kind=NOTE):
    return vkey(name, H(name.encode(), b'\n', bytes([kind]), key)[:4].hex(), key, kind)


KEYS = {
    'valid': {
        'c2sp-example': {'text': C2SP_VKEY, 'kind': 'note', 'name': 'example.com/foo', 'id': '530d903a', 'publicKey': base64.b64decode(C2SP_VKEY.split('+', 2)[2])[1:].hex()},
        'log': LOG.fields(),
        'witness': W1.fields(),
        'name-beyond-ascii': HAN.fields(),
        # Keys are tried until base64 holds a plus, which also parts the fields.
        'base64-with-plus': next(k for k in (Key('a', NOTE, i) for i in range(256)) if '+' in b64(b'\1' + k.public)).fields(),
    },
    'invalid': {
        'empty': {'text': ''},
        'two-parts': {'text': C2SP_VKEY.rsplit('+', 1)[0]},
        'name-empty': honest(LOG.public, ''),
        'name-with-space': honest(LOG.public, 'a b'),
        'name-with-ideographic-space': honest(LOG.public, 'a\u3000b'),
        'name-with-newline': honest(LOG.public, 'a\nb'),
        'id-of-another-name': {'text': LOG.vkey.replace(ORIGIN, 'health.example/110001')},
        'id-in-capitals': {'text': LOG.vkey.replace(LOG.id.hex(), LOG.id.hex().upper())},
        'id-of-six-digits': {'text': LOG.vkey.replace(LOG.id.hex(), LOG.id.hex()[2:])},
        'base64-unpadded': {'text': W1.vkey.rstrip('=') + ('' if W1.vkey.endswith('=') else '=')},
        'key-of-31-bytes': honest(LOG.public[:-1]),
        'key-of-33-bytes': honest(LOG.public + b'\0'),
        'type-of-ecdsa': honest(LOG.public, kind=2),
        'type-of-ml-dsa': honest(LOG.public, kind=6),
        'key-of-order-1': honest((1).to_bytes(32, 'little')),
        'key-of-order-2': honest((P - 1).to_bytes(32, 'little')),
        'key-of-order-4': honest((0).to_bytes(32, 'little')),
        'key-of-order-8': honest(bytes.fromhex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')),
        'key-of-order-8-other-sign': honest(bytes.fromhex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa')),
        'key-not-canonical': honest((P + 3).to_bytes(32, 'little')),
        'key-not-canonical-of-order-1': honest((1 + 2**255).to_bytes(32, 'little')),
    },
}


def checkpoint(origin, size, root, *extensions):
    lines = [origin, str(size), b64(root), *extensions]
    return {'text': ''.join(x + '\n' for x in lines), 'origin': origin, 'size': str(size), 'root': root.hex(), 'extensions': list(extensions)}


def body(*lines):
    return {'text': ''.join(x + '\n' for x in lines)}


R = b64(ROOT)
CHECKPOINTS = {
    'valid': {
        'c2sp-example': checkpoint('example.com/behind-the-sofa', 20852163, base64.b64decode('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=')),
        'of-300-leaves': checkpoint(ORIGIN, 300, ROOT),
        'of-the-empty-tree': checkpoint(ORIGIN, 0, H()),
        'of-2-to-the-64-minus-1': checkpoint(ORIGIN, 2**64 - 1, ROOT),
        'with-extensions': checkpoint(ORIGIN, 300, ROOT, 'x', '— y z'),
        'origin-with-spaces-and-plus': checkpoint('a b+c — 见', 1, ROOT),
    },
    'invalid': {
        'empty': body(),
        'two-lines': body(ORIGIN, '300'),
        'no-final-newline': {'text': f'{ORIGIN}\n300\n{R}'},
        'origin-empty': body('', '300', R),
        'size-empty': body(ORIGIN, '', R),
        'size-with-leading-zero': body(ORIGIN, '0300', R),
        'size-00': body(ORIGIN, '00', R),
        'size-with-plus': body(ORIGIN, '+300', R),
        'size-negative': body(ORIGIN, '-1', R),
        'size-in-hex': body(ORIGIN, '0x12', R),
        'size-with-space': body(ORIGIN, '300 ', R),
        'size-2-to-the-64': body(ORIGIN, str(2**64), R),
        'size-in-other-digits': body(ORIGIN, '３００', R),
        'root-of-31-bytes': body(ORIGIN, '300', b64(ROOT[:31])),
        'root-unpadded': body(ORIGIN, '300', R.rstrip('=')),
        'root-padding-bits-set': body(ORIGIN, '300', b64(bytes(32))[:-2] + 'B='),
        'root-in-base64url': body(ORIGIN, '300', b64(b'\xff' * 32).replace('/', '_')),
        'extension-empty': body(ORIGIN, '300', R, ''),
        'extension-empty-in-the-middle': body(ORIGIN, '300', R, '', 'x'),
        'crlf': {'text': f'{ORIGIN}\r\n300\r\n{R}\r\n'},
    },
}

POLICY = f'log {LOG.vkey}\nwitness w1 {W1.vkey}\nwitness w2 {W2.vkey}\nwitness w3 {W3.vkey}\ngroup g 2 w1 w2 w3\nquorum g\n'
NO_WITNESS = f'log {LOG.vkey}\nquorum none\n'


def tlog_proof(index, checkpoint=COSIGNED, extra=None, hashes=None):
    hashes = path(index, LEAVES) if hashes is None else hashes
    lines = ['c2sp.org/tlog-proof@v1'] + ([] if extra is None else [f'extra {b64(extra)}']) + [f'index {index}'] + [b64(h) for h in hashes]
    return '\n'.join(lines) + '\n\n' + checkpoint


def proven(index, policy=POLICY, witnessed=None, **more):
    extra = more.get('extra')
    return {'text': tlog_proof(index, **more), 'leafHash': LEAVES[index].hex(), 'policy': policy, 'index': str(index), 'size': '300',
            'extra': None if extra is None else extra.hex(), 'witnessed': {'w1': str(TIME), 'w2': str(TIME + 2)} if witnessed is None else witnessed}


def unproven(reason, text, leaf=LEAVES[7], policy=POLICY):
    return {'text': text, 'leafHash': leaf.hex(), 'policy': policy, 'reason': reason}


GOOD = tlog_proof(7)
ONE_BODY = f'{ORIGIN}\n1\n{b64(LEAVES[0])}\n'
ELSEWHERE = f'other.example/log\n300\n{R}\n'
PROOFS = {
    'valid': {
        'of-leaf-7': proven(7),
        'of-the-first-leaf': proven(0),
        'of-the-last-leaf': proven(299),
        'with-extra': proven(7, extra=b'hint'),
        'without-witnesses-where-none-is-asked-for': proven(7, NO_WITNESS, {}),
        'in-a-tree-of-one-leaf': {'text': tlog_proof(0, note(ONE_BODY, LOG.line(ONE_BODY)), hashes=[]), 'leafHash': LEAVES[0].hex(), 'policy': NO_WITNESS,
                                  'index': '0', 'size': '1', 'extra': None, 'witnessed': {}},
    },
    'invalid': {
        'version-2': unproven('malformed', GOOD.replace('@v1', '@v2')),
        'empty': unproven('malformed', ''),
        'extra-empty': unproven('malformed', GOOD.replace('index', 'extra \nindex', 1)),
        'extra-twice': unproven('malformed', GOOD.replace('index', 'extra eA==\nextra eA==\nindex', 1)),
        'extra-behind-index': unproven('malformed', GOOD.replace('index 7\n', 'index 7\nextra eA==\n', 1)),
        'index-missing': unproven('malformed', GOOD.replace('index 7\n', '', 1)),
        'index-with-leading-zero': unproven('malformed', GOOD.replace('index 7', 'index 07', 1)),
        'index-2-to-the-64': unproven('malformed', GOOD.replace('index 7', f'index {2**64}', 1)),
        'hash-of-31-bytes': unproven('malformed', tlog_proof(7, hashes=[LEAVES[0][:31]])),
        'hash-unpadded': unproven('malformed', GOOD.replace('=\n', '\n', 1)),
        '65-hashes': unproven('malformed', tlog_proof(7, hashes=LEAVES[:65])),
        'no-empty-line': unproven('malformed', GOOD.replace('\n\n', '\n', 1)),
        'no-checkpoint': unproven('malformed', GOOD.split('\n\n')[0] + '\n\n'),
        'crlf': unproven('malformed', GOOD.replace('\n', '\r\n')),
        'other-leaf': unproven('forged', GOOD, LEAVES[8]),
        'other-index': unproven('forged', GOOD.replace('index 7', 'index 6', 1)),
        'index-beyond-the-tree': unproven('wrong-size', GOOD.replace('index 7', 'index 300', 1)),
        'one-hash-less': unproven('wrong-size', tlog_proof(7, hashes=path(7, LEAVES)[:-1])),
        'one-hash-more': unproven('wrong-size', tlog_proof(7, hashes=path(7, LEAVES) + [ROOT])),
        'hashes-swapped': unproven('forged', tlog_proof(7, hashes=path(7, LEAVES)[::-1])),
        'unknown-log': unproven('forged', GOOD, policy=POLICY.replace(LOG.vkey, OTHER.vkey)),
        'log-signs-for-another-origin': unproven('forged', tlog_proof(7, note(ELSEWHERE, LOG.line(ELSEWHERE), W1.line(ELSEWHERE, TIME), W2.line(ELSEWHERE, TIME)))),
        'witnesses-without-the-log': unproven('forged', tlog_proof(7, note(BODY, W1.line(BODY, TIME), W2.line(BODY, TIME)))),
        'one-witness-too-few': unproven('unwitnessed', tlog_proof(7, SIGNED + W1.line(BODY, TIME))),
        'one-witness-twice': unproven('unwitnessed', tlog_proof(7, SIGNED + W1.line(BODY, TIME) + W1.line(BODY, TIME + 1))),
        'witness-under-another-name': unproven('unwitnessed', tlog_proof(7, SIGNED + W1.line(BODY, TIME) + HAN.line(BODY, TIME))),
        'cosignature-of-another-checkpoint': unproven('forged', tlog_proof(7, SIGNED + W1.line(BODY, TIME) + W2.line(ELSEWHERE, TIME))),
    },
}


def policy(text, logs, witnesses, *quorums):
    return {'text': text, 'logs': logs, 'witnesses': witnesses, 'quorums': [{'cosigned': sorted(c), 'met': met} for c, met in quorums]}


W = [Key(f'witness.example/{i}', COSIGNATURE, 64 + i) for i in range(40)]
SPEC = (
    f'log {LOG.vkey}\n\n' + ''.join(f'witness X{i} {W[i].vkey}\n' for i in (1, 2, 3)) + 'group X-witnesses 2 X1 X2 X3\n\n'
    + ''.join(f'witness Y{i} {W[3 + i].vkey}\n' for i in (1, 2, 3)) + 'group Y-witnesses any Y1 Y2 Y3\n\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n'
)
MANY = ''.join(f'log {Key(f"l{i}", NOTE, 128 + i).vkey}\n' for i in range(32)) + ''.join(f'witness w{i} {W[i].vkey}\n' for i in range(32)) + ''.join(
    f'group g{i} all w{i}\n' for i in range(31)) + 'group all 31 ' + ' '.join(f'g{i}' for i in range(31)) + '\nquorum all\n'


def line(text, before=f'witness a {W[0].vkey}\nwitness b {W[1].vkey}\n', after='quorum none\n'):
    return {'text': before + text + '\n' + after}


POLICIES = {
    'valid': {
        'c2sp-example': policy(SPEC, [ORIGIN], ['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'], ({'X1', 'X2', 'Y3'}, True), ({'X1', 'Y1', 'Y2', 'Y3'}, False),
                               ({'X1', 'X2', 'X3'}, False), ({'X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'}, True), (set(), False)),
        'no-witness-asked-for': policy('quorum none\n', [], [], (set(), True)),
        'one-witness': policy(f'witness a {W1.vkey}\nquorum a\n', [], ['a'], ({'a'}, True), (set(), False), ({'b'}, False)),
        'tabs-comments-and-empty-lines': policy(f'# what\n\n \t\n\t witness \t a  {W1.vkey}\thttps://w.example/ \n  # quorum none\nquorum\ta\n', [], ['a'], ({'a'}, True)),
        'lines-behind-the-quorum': policy(f'quorum none\nlog {LOG.vkey} https://log.example/\nwitness a {W1.vkey}\n', [ORIGIN], ['a'], (set(), True)),
        'group-of-one': policy(f'witness a {W1.vkey}\ngroup g 1 a\nquorum g\n', [], ['a'], ({'a'}, True), ({'g'}, False)),
        'names-like-keywords': policy(f'witness any {W1.vkey}\nwitness 2 {W2.vkey}\ngroup quorum all any 2\nquorum quorum\n', [], ['any', '2'], ({'any', '2'}, True), ({'any'}, False)),
        'one-key-as-log-and-witness': policy(f'log {Key("a", NOTE, 5).vkey}\nwitness a {Key("a", COSIGNATURE, 5).vkey}\nquorum a\n', ['a'], ['a'], ({'a'}, True)),
        'names-and-comments-beyond-ascii': policy(f'# 见证\nwitness 见 {HAN.vkey}\nquorum 见\n', [], ['见'.encode().decode('latin-1')], ({'见'.encode().decode('latin-1')}, True), ({'见'}, False)),
        '32-of-each': policy(MANY, [f'l{i}' for i in range(32)], [f'w{i}' for i in range(32)], ({f'w{i}' for i in range(31)}, True), ({f'w{i}' for i in range(30)}, False)),
    },
    'invalid': {
        'empty': {'text': ''},
        'no-quorum': {'text': f'log {LOG.vkey}\n'},
        'quorum-twice': line('quorum none'),
        'quorum-undefined': line('quorum c', after=''),
        'quorum-defined-below': {'text': f'quorum a\nwitness a {W1.vkey}\n'},
        'quorum-of-two': line('quorum a b', after=''),
        'quorum-of-nothing': line('quorum', after=''),
        'no-final-newline': {'text': 'quorum none'},
        'crlf': {'text': 'quorum none\r\n'},
        'nul': {'text': '# \0\nquorum none\n'},
        'delete-character': {'text': '# \x7f\nquorum none\n'},
        'unknown-keyword': line('quorums a'),
        'keyword-in-capitals': line('Quorum a', after=''),
        'log-without-key': line('log'),
        'log-with-fourth-word': line(f'log {LOG.vkey} https://a.example/ b'),
        'log-twice': line(f'log {LOG.vkey}\nlog {Key("other", NOTE, 1).vkey}'),
        'log-with-key-of-a-witness': line(f'log {W3.vkey}'),
        'witness-with-key-of-a-log': line(f'witness c {LOG.vkey}'),
        'witness-twice': line(f'witness c {Key("other", COSIGNATURE, 64).vkey}'),
        'witness-named-none': line(f'witness none {W3.vkey}'),
        'witness-without-key': line('witness c'),
        'witness-with-fifth-word': line(f'witness c {W3.vkey} https://a.example/ b'),
        'key-not-utf-8': {'hex': (b'witness c \xff' + W3.vkey.encode() + b'\nquorum none\n').hex()},
        'name-twice': line(f'witness a {W3.vkey}'),
        'name-of-a-group-and-a-witness': line('group a all b'),
        'group-named-none': line('group none all a'),
        'group-without-members': line('group g all'),
        'group-of-0': line('group g 0 a'),
        'group-of-more-than-there-are': line('group g 3 a b'),
        'group-with-leading-zero': line('group g 01 a'),
        'group-with-hex': line('group g 0x1 a'),
        'group-with-a-sign': line('group g +1 a'),
        'group-in-itself': line('group g all g'),
        'group-with-none': line('group g any a none'),
        'group-member-undefined': line('group g any c'),
        'group-member-twice': line('group g 1 a a'),
        'member-of-two-groups': line('group g all a\ngroup h all a b'),
    },
}


def tile_path(path_, level, index, width):
    return {'path': path_, 'level': level, 'index': str(index), 'width': width}


PATHS = {
    'valid': {
        'first-tile': tile_path('tile/0/000', 0, 0, 256),
        'c2sp-example': tile_path('tile/0/x001/x234/067', 0, 1234067, 256),
        'index-999': tile_path('tile/0/999', 0, 999, 256),
        'index-1000': tile_path('tile/0/x001/000', 0, 1000, 256),
        'width-1': tile_path('tile/2/000.p/1', 2, 0, 1),
        'width-255': tile_path('tile/1/x001/000.p/255', 1, 1000, 255),
        'level-63': tile_path('tile/63/000', 63, 0, 256),
        'largest-index': tile_path('tile/0/x018/x446/x744/x073/x709/x551/615', 0, 2**64 - 1, 256),
        'entries': tile_path('tile/entries/x001/x234/067', 'entries', 1234067, 256),
        'entries-of-width-112': tile_path('tile/entries/273.p/112', 'entries', 273, 112),
    },
    'invalid': {name: {'path': p} for name, p in {
        'empty': '', 'slash-before': '/tile/0/000', 'slash-behind': 'tile/0/000/', 'level-00': 'tile/00/000', 'level-64': 'tile/64/000', 'level-100': 'tile/100/000',
        'level-negative': 'tile/-1/000', 'index-of-two-digits': 'tile/0/00', 'index-of-four-digits': 'tile/0/0000', 'last-with-x': 'tile/0/x000', 'group-without-x': 'tile/0/001/000',
        'zero-group-before': 'tile/0/x000/001', 'capital-x': 'tile/0/X001/000', 'width-0': 'tile/0/000.p/0', 'width-256': 'tile/0/000.p/256', 'width-with-leading-zero': 'tile/0/000.p/01',
        'width-missing': 'tile/0/000.p/', 'width-without-slash': 'tile/0/000.p1', 'index-2-to-the-64': 'tile/0/x018/x446/x744/x073/x709/x551/616', 'way-up': 'tile/0/../../000',
        'newline-behind': 'tile/0/000\n', 'data': 'tile/data/000', 'other-digits': 'tile/0/００0',
    }.items()},
}


def bundle(*entries):
    return {'hex': b''.join(struct.pack('>H', len(e)) + e for e in entries).hex(), 'entries': [e.hex() for e in entries]}


BUNDLES = {
    'valid': {
        'one-entry': bundle(b'abc'),
        'an-empty-entry-between': bundle(b'a', b'', b'b'),
        'an-entry-of-256-bytes': bundle(b'\1' * 256, b'x'),
        '256-entries': bundle(*[bytes([i]) for i in range(256)]),
    },
    'invalid': {
        'empty': {'hex': '', 'width': 1},
        'length-cut': {'hex': '00', 'width': 1},
        'second-length-cut': {'hex': '0001aa00', 'width': 2},
        'entry-cut': {'hex': '0002aa', 'width': 1},
        'byte-behind': {'hex': '0001aa00', 'width': 1},
        'entry-more': {'hex': '0001aa0001bb', 'width': 1},
        'entry-less': {'hex': '0001aa', 'width': 2},
        'length-little-endian': {'hex': '0100aa', 'width': 1},
    },
}



def bits(key):
    return bin(int.from_bytes(key, 'big'))[2:].zfill(256)


def prefix_node(entries, prefix=''):
    if prefix and not entries:
        return bytes(32)
    if prefix and len(entries) == 1:
        return H(b'\x02', *entries[0])
    return H(b'\x03', *(prefix_node([e for e in entries if bits(e[0]).startswith(prefix + bit)], prefix + bit) for bit in '01'))


def prefix_search(entries, key):
    depth, left, right = 0, [], []
    while depth == 0 or len(entries) > 1:
        sides = {bit: [e for e in entries if bits(e[0])[depth] == bit] for bit in '01'}
        here, there = bits(key)[depth], '10'[int(bits(key)[depth])]
        sibling = prefix_node(sides[there], bits(key)[:depth] + there)
        left, right = (left + [sibling], right) if here == '1' else (left, [sibling] + right)
        entries, depth = sides[here], depth + 1
    kind = 'no-child' if not entries else 'inclusion' if entries[0][0] == key else 'other-leaf'
    return {'key': key.hex(), 'kind': kind, 'depth': depth, 'leaf': [x.hex() for x in entries[0]] if entries else None, 'elements': [e.hex() for e in left + right]}


def prefix_tree(*keys, absent=()):
    entries = [(k, H(b'commitment', k)) for k in keys]
    return {'entries': [[x.hex() for x in e] for e in entries], 'root': prefix_node(entries).hex(), 'searches': [prefix_search(entries, k) for k in (*keys, *absent)]}


def five(text):
    return int(text.ljust(256, '0'), 2).to_bytes(32, 'big')


ABSENT = (bytes(32), b'\xff' * 32, H(b'absent'))
DRAFT = [five(x) for x in ('00010', '00101', '10001', '10111', '11011')]
PREFIX = {
    'valid': {
        'empty': prefix_tree(absent=ABSENT),
        'one-entry': prefix_tree(H(b'0'), absent=ABSENT),
        'example-of-the-draft': prefix_tree(*DRAFT, absent=(five('01101'), five('00100'), five('1100'))),
        'example-of-the-draft-with-one-more': prefix_tree(*DRAFT, five('01101'), absent=ABSENT),
        'keys-that-part-at-the-last-bit': prefix_tree(bytes(32), bytes(31) + b'\x01', absent=(b'\x80' + bytes(31), bytes(31) + b'\x02')),
        '20-entries': prefix_tree(*[H(bytes([i])) for i in range(20)], absent=ABSENT),
    },
}

FORMATS = {'note': NOTES, 'cosignature': COSIGNATURES, 'verifier-key': KEYS, 'checkpoint': CHECKPOINTS, 'tlog-proof': PROOFS, 'policy': POLICIES,
           'tile-path': PATHS, 'prefix-tree': PREFIX, 'entry-bundle': BUNDLES}

here = pathlib.Path(__file__).parent.parent
count, wrong = 0, []
for format_, verdicts in FORMATS.items():
    for verdict, made in verdicts.items():
        folder = here / format_ / verdict
        if '--write' in sys.argv:
            folder.mkdir(parents=True, exist_ok=True)
            for name, vector in made.items():
                (folder / f'{name}.json').write_text(json.dumps(vector, ensure_ascii=False, indent=2) + '\n')
        stored = {file.stem: json.loads(file.read_text()) for file in folder.glob('*.json')}
        count += len(made)
        wrong += [f'{format_}/{verdict}/{name}' for name in made.keys() | stored.keys() if made.get(name) != stored.get(name)]
for name in sorted(wrong):
    print('does not agree:', name)
print(f'{count - len(wrong)} of {count} vectors agree')
sys.exit(1 if wrong else 0)
