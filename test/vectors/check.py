"""A second, independent reading of docs/spec: recomputes every vector beside it in Python, sharing no code with src/.

`python3 test/vectors/check.py`; needs the standard library, and `cryptography` for AES-GCM. Says how many vectors agree, and
exits 1 naming those that do not. Nothing of the project needs it: it is here so that an auditor need not trust our code.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import re
import struct
import sys
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class Refused(Exception):
    pass


def need(holds):
    if not holds:
        raise Refused()


def H(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def HMAC(key, *parts):
    return hmac.new(key, b''.join(parts), hashlib.sha256).digest()


def lp(text):
    data = text.encode()
    return struct.pack('>H', len(data)) + data


def shown(v):
    return v['text'].encode() if 'text' in v else bytes.fromhex(v['hex'])


def strict_base64url(text, length):
    need(re.fullmatch('[A-Za-z0-9_-]*', text) and len(text) == (length * 4 + 2) // 3)
    return strict_base64(text.replace('-', '+').replace('_', '/') + '=' * (-len(text) % 4), length)


def strict_base64(text, length):
    need(re.fullmatch('[A-Za-z0-9+/]*={0,2}', text) and len(text) % 4 == 0)
    data = base64.b64decode(text)
    need(base64.b64encode(data).decode() == text and len(data) == length)
    return data


def canonical(x, depth=0):
    """RFC 8785 for text, integers, lists and objects; keys in the order of their UTF-16 units."""
    need(depth <= 16)
    if isinstance(x, str):
        need(not re.search('[\ud800-\udfff]', x))
        return json.dumps(x, ensure_ascii=False)
    if isinstance(x, dict):
        keys = sorted(x, key=lambda k: k.encode('utf-16-be', 'surrogatepass'))
        return '{' + ','.join(canonical(k) + ':' + canonical(x[k], depth + 1) for k in keys) + '}'
    if isinstance(x, list):
        return '[' + ','.join(canonical(v, depth + 1) for v in x) + ']'
    need(type(x) is int and abs(x) < 2**53)
    return str(x)


def parse_canonical(data):
    try:
        x = json.loads(data.decode())
        need(canonical(x).encode() == data)
    except (ValueError, RecursionError):
        raise Refused()
    return x


def check_stream(name):
    kind, _, rest = name.partition('/')
    if kind == 'ledger':
        need(re.fullmatch('[0-9A-Za-z-]{1,32}', rest))
    else:
        size = {'resident': 32, 'institution': 16, 'practitioner': 16, 'exchange': 16}.get(kind)
        need(size)
        strict_base64url(rest, size)


def parse_header(data):
    need(len(data) <= 1024)
    h = parse_canonical(data)
    need(isinstance(h, dict) and sorted(h) == ['id', 'prev', 'revision', 'stream', 'time', 'type'])
    need(all(isinstance(h[k], str) for k in h if k != 'revision') and type(h['revision']) is int)
    need(re.fullmatch('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', h['id']))
    h['prev'] = strict_base64(h['prev'], 32).hex()
    need(0 <= h['revision'] < 2**28)
    check_stream(h['stream'])
    m = re.fullmatch(r'(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.\d{3}Z', h['time'], re.A)
    need(m)
    y, mo, d, hour, minute, second = map(int, m.groups())
    leap = y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)
    need(1 <= mo <= 12 and 1 <= d <= [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][mo - 1])
    need(hour < 24 and minute < 60 and second < 60)
    need(re.fullmatch(r'[a-z]+\.[a-z]+(-[a-z]+)*@[1-9]\d?', h['type'], re.A))
    return h


def parse_leaf(data):
    m = re.fullmatch(rb'hrl/leaf/v1\n([!-*,-~]{1,128})\ninternational\n(.*)\n(.*)\n(.*)\n', data)
    need(m)
    try:
        return [m[1].decode()] + [strict_base64(m[i].decode(), 32).hex() for i in (2, 3, 4)]
    except UnicodeDecodeError:
        raise Refused()


def commit(v, opening, data):
    head = b'hrl/commit/v1\n' + lp(v['origin']) + lp(v['kind']) + lp(v['type']) + uuid.UUID(v['id']).bytes
    return HMAC(opening, head, data)


def open_part(v):
    sealed, c = bytes.fromhex(v['sealed']), bytes.fromhex(v['commitment'])
    need(len(sealed) >= 28)
    aad = b'hrl/seal/v1\n' + lp('international') + lp(v['keyId']) + lp(v['kind']) + uuid.UUID(v['id']).bytes + c
    try:
        plain = AESGCM(bytes.fromhex(v['key'])).decrypt(sealed[:12], sealed[12:], aad)
    except InvalidTag:
        raise Refused()
    need(len(plain) >= 36)
    end = 36 + struct.unpack('>I', plain[32:36])[0]
    need(hmac.compare_digest(commit(v, plain[:32], plain[36:end]), c))
    need(len(plain) == -(-end // 64) * 64 and not any(plain[end:]))
    return plain[:32].hex(), plain[36:end]


def mth(leaves):
    """RFC 6962 §2.1."""
    if len(leaves) < 2:
        return H(b'\x00', leaves[0]) if leaves else H()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return H(b'\x01', mth(leaves[:k]), mth(leaves[k:]))


def served_root(v):
    items = [(bytes.fromhex(i['id']), int(i['revision']), i['part']) for i in v['items']]
    need(len(set(items)) == len(items) and all(len(i) == 16 for i, _, _ in items))
    return mth(sorted(HMAC(bytes.fromhex(v['salt']), b'hrl/served/v1\n', i, struct.pack('>QB', r, p)) for i, r, p in items))


def heads(v):
    all_ = [H(b'hrl/stream/v1\n', lp(v['origin']), lp(v['stream']))]
    for leaf in v['leafHashes']:
        all_.append(H(b'hrl/chain/v1\n', all_[-1], bytes.fromhex(leaf)))
    return [h.hex() for h in all_]


def event_id(v):
    parts = b''.join(lp(v[k]) for k in ('issuer', 'subject', 'operation', 'requestId'))
    b = bytearray(HMAC(bytes.fromhex(v['requestKey']), b'hrl/request/v1\n', parts, struct.pack('>I', v['ordinal']))[:16])
    b[6], b[8] = b[6] & 0x0F | 0x80, b[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(b)))


def intent(v):
    data = canonical(v['input']).encode()
    return HMAC(bytes.fromhex(v['requestKey']), b'hrl/intent/v1\n', uuid.UUID(v['id']).bytes, data).hex()


def anchor_agrees(v):
    lines = v['text'].split('\n')
    need(len(lines) >= 5 and lines[0] == 'hrl/anchor/v1' and lines[-1] == '' and re.fullmatch('[!-*,-~]{1,128}', lines[1]))
    need(re.fullmatch('0|[1-9][0-9]{0,18}', lines[2]))
    root, heads = strict_base64url(lines[3], 32).hex(), []
    for line in lines[4:-1]:
        words = line.split(' ')
        need(len(words) == 3 and re.fullmatch('0|[1-9][0-9]{0,18}', words[1]))
        need(not heads or words[0] > heads[-1]['stream'])
        check_stream(words[0])
        heads.append({'stream': words[0], 'revision': words[1], 'head': strict_base64url(words[2], 32).hex()})
    return 'root' not in v or [v[k] for k in ('origin', 'size', 'root', 'heads')] == [lines[1], lines[2], root, heads]


def leaf_agrees(v):
    c = [v['commitments'][k] for k in ('header', 'retained', 'personal')] if 'commitments' in v else None
    read = parse_leaf(shown(v))
    return c is None or (read == [v['origin']] + c and H(b'\x00', shown(v)).hex() == v['leafHash'])


def sealing_agrees(v):
    opening, data = open_part(v)
    return 'opening' not in v or (opening, data) == (v['opening'], v['text'].encode())


AGREES = {
    'anchor': anchor_agrees,
    'canonical': lambda v: parse_canonical(shown(v)) is not None,
    'header': lambda v: parse_header(shown(v)) == v.get('fields', parse_header(shown(v))),
    'commitment': lambda v: commit(v, bytes.fromhex(v['opening']), v['text'].encode()).hex() == v['commitment'],
    'leaf': leaf_agrees,
    'chain': lambda v: heads(v) == v['heads'],
    'sealing': sealing_agrees,
    'event': lambda v: parse_canonical(v['retained'].encode()) and parse_canonical(v['personal'].encode()) is not None,
    'event-id': lambda v: event_id(v) == v['id'],
    'intent': lambda v: intent(v) == v['intent'],
    'merkle': lambda v: mth([bytes.fromhex(x) for x in v['leaves']]).hex() == v['root'],
    'served-set': lambda v: served_root(v).hex() == v['root'],
}


def verdict(agrees, v):
    try:
        return 'valid' if agrees(v) else 'invalid'
    except Refused:
        return 'invalid'


here = pathlib.Path(__file__).parent
wrong, count = [], 0
for format_, agrees in AGREES.items():
    for file in sorted((here / format_).glob('*/*.json')):
        count += 1
        if verdict(agrees, json.loads(file.read_text())) != file.parent.name:
            wrong.append(str(file.relative_to(here)))
for name in wrong:
    print('does not agree:', name)
print(f'{count - len(wrong)} of {count} vectors agree')
sys.exit(1 if wrong else 0)
