"""The vault's byte formats (docs/spec), read a second time in Python: shares no code with src/.

`python3 test/vectors/vault/make.py` recomputes every vector beside it and exits 1 naming those that differ; `--write` writes them.
Needs the standard library, and `cryptography` for AES-GCM. Nothing of the project needs it.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import struct
import sys
import unicodedata
import uuid

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def H(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def HMAC(key, *parts):
    return hmac.new(key, b''.join(parts), hashlib.sha256).digest()


def lp(x):
    data = x.encode() if isinstance(x, str) else x
    return struct.pack('>H', len(data)) + data


def u32(n):
    return struct.pack('>I', n)


def url(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def canonical(x):
    """RFC 8785 for the plain values used here."""
    return json.dumps(x, ensure_ascii=False, sort_keys=True, separators=(',', ':')).encode()


def padded(data, block):
    return data + bytes(-len(data) % block)


def wrap(kek, epoch, key_id, nonce, key):
    wk = HMAC(kek, b'hrl/wrap/v1\n', lp(key_id))
    return u32(epoch) + nonce + AESGCM(wk).encrypt(nonce, key, b'')


def id_card(fifteen):
    century = '18' if fifteen[12:] in ('996', '997', '998', '999') else '19'
    body = fifteen[:6] + century + fifteen[6:]
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return body + '10X98765432'[sum(w * int(d) for w, d in zip(weights, body)) % 11]


def normal_form(kind, type_, value):
    if kind == 'actor':
        return value
    value = unicodedata.normalize('NFKC', value)
    if kind != 'document' or type_.startswith('fhir:'):
        return value
    value = value.upper()
    for separator in ' -\u2010\u2011\u2013\u3000\u200b\u00ad':
        value = value.replace(separator, '')
    return id_card(value) if type_ == '01' and len(value) == 15 else value


def claim(key, kind, type_, issuer, value):
    return HMAC(key, b'hrl/claim/v1\n', lp(type_), lp(issuer), lp(normal_form(kind, type_, value)))


ORIGIN = 'health.example/110000'
STREAM = 'resident/' + url(b'\x11' * 32)
EVENT = '41ffed4c-7e8f-82e7-bf3f-de04a874ad21'
CONTENT = url(b'\x22' * 16)
KEY, NONCE, KEK = b'\x07' * 32, b'\x08' * 12, b'\x0a' * 32
INDEX, TAG, REQUEST, CURSOR, ACTOR = b'\x0b' * 32, b'\x0c' * 32, b'\xa0' * 32, b'\x0d' * 32, b'\x0e' * 32


def wrapped(key_id, epoch=1):
    value = wrap(KEK, epoch, key_id, NONCE, KEY).hex()
    return {'what': 'wrap', 'kek': KEK.hex(), 'epoch': epoch, 'keyId': key_id, 'nonce': NONCE.hex(), 'key': KEY.hex(), 'wrapped': value}


def claimed(kind, type_, issuer, value):
    index = claim(INDEX, kind, type_, issuer, value).hex()
    return {'what': 'claim', 'indexKey': INDEX.hex(), 'claim': {'kind': kind, 'type': type_, 'issuer': issuer, 'value': value}, 'blindIndex': index}


def content(data):
    aad = b'hrl/content/v1\n' + lp('international') + lp(STREAM) + b'\x22' * 16
    sealed = NONCE + AESGCM(KEY).encrypt(NONCE, padded(u32(len(data)) + data, 64), aad)
    return {'what': 'content', 'stream': STREAM, 'id': CONTENT, 'key': KEY.hex(), 'nonce': NONCE.hex(), 'hex': data.hex(), 'sealed': sealed.hex()}


def snapshot(fold, revision, state):
    shape = canonical(fold['initialState']) if 'initialState' in fold else b''
    digest = H(b'hrl/fold/v1\n', lp(fold['name']), u32(fold['version']), shape)
    body = canonical(state)
    plain = padded(b'\x33' * 32 + u32(len(body)) + body, 64)
    aad = b'hrl/snapshot/v1\n' + lp('international') + lp(STREAM) + digest + struct.pack('>Q', revision)
    key = HMAC(KEY, b'hrl/snapshot-key/v1\n', lp(STREAM))
    sealed = NONCE + AESGCM(key).encrypt(NONCE, plain, aad)
    return {'what': 'snapshot', 'personalKey': KEY.hex(), 'nonce': NONCE.hex(), 'stream': STREAM, 'fold': fold, 'revision': str(revision),
            'head': (b'\x33' * 32).hex(), 'state': state, 'digest': digest.hex(), 'sealed': sealed.hex()}


def token(kind, binding, payload):
    bound = HMAC(CURSOR, b'hrl/token/v1\n', lp('international'), lp(kind), H(canonical(binding)))
    plain = padded(canonical(payload), 32)
    nonce = HMAC(HMAC(bound, b'nonce'), plain)[:12]
    sealed = nonce + AESGCM(HMAC(bound, b'seal')).encrypt(nonce, plain, b'hrl/token/v1\n')
    return {'what': 'token', 'cursorKey': CURSOR.hex(), 'kind': kind, 'binding': binding, 'payload': payload, 'token': url(sealed)}


def marks():
    source = HMAC(TAG, b'hrl/source/v1\n', lp('https://his.example'), lp('Observation'), lp('o-1'))
    version = HMAC(TAG, b'hrl/source-bytes/v1\n', source, '{"a":"肝"}'.encode())
    document = HMAC(TAG, b'hrl/document/v1\n', lp('03'), lp('urn:iso:3166:CN'), lp('E12345678'))
    return {'what': 'marks', 'tagKey': TAG.hex(), 'mark': ['HIV', url(HMAC(TAG, b'hrl/mark/v1\n', lp('HIV')))],
            'source': ['https://his.example', 'Observation', 'o-1', url(source)], 'sourceVersion': ['{"a":"肝"}', url(version)],
            'documentMark': ['03', 'urn:iso:3166:CN', 'e 1234-5678', url(document)],
            'codeRef': ['4Zk-Code', url(HMAC(TAG, b'hrl/code/v1\n', lp('4Zk-Code')))]}


VECTORS = {
    'wrap-of-personal-key': wrapped(STREAM + '#personal#-#0'),
    'wrap-of-tag-key-in-epoch-258': wrapped(STREAM + '#tag#-#0', 258),
    'wrap-of-period-key': wrapped(ORIGIN + '#access#2026#0'),
    'wrap-of-content-key': wrapped(f'{STREAM}#content#{CONTENT}#0', 0),
    'retained-key-of-stream': {'what': 'derive', 'periodKey': KEY.hex(), 'stream': STREAM, 'key': HMAC(KEY, b'hrl/derive/v1\n', lp(STREAM)).hex()},
    'claim-of-id-card': claimed('document', '01', 'urn:cv02.01.101:01', '11010519491231002X'),
    'claim-of-id-card-of-15-digits': claimed('document', '01', 'urn:cv02.01.101:01', '110105491231002'),
    'claim-of-id-card-as-typed': claimed('document', '01', 'urn:cv02.01.101:01', ' 110105-19491231-002x '),
    'claim-of-id-card-in-full-width': claimed('document', '01', 'urn:cv02.01.101:01', '１１０１０５１９４９１２３１００２ｘ'),
    'claim-of-passport': claimed('document', '03', 'urn:iso:3166:CN', 'e1234\u20105678\u3000'),
    'claim-of-fhir-identifier-keeps-case-and-hyphens': claimed('document', 'fhir:http://his.example/mrn', 'http://his.example/mrn', 'a-1 b'),
    'claim-of-sign-in-byte-for-byte': claimed('actor', 'actor', 'https://idp.example', 'Ｄoctor-7 '),
    'claim-of-code': claimed('code', 'code', '', 'k7Q2-０9'),
    'claim-of-institution': claimed('institution', 'institution', 'urn:oid:uscc', '91350100M000100Y43'),
    'claim-of-practitioner': claimed('practitioner', 'practitioner', 'urn:licence', '110-7'),
    'marks': marks(),
    'content-empty': content(b''),
    'content-of-exactly-one-block': content(b'x' * 60),
    'content-of-one-byte-more': content(b'x' * 61),
    'snapshot': snapshot({'name': 'consents', 'version': 3, 'initialState': {'live': [], 'at': 0}}, 2**40 + 1, {'live': ['a'], 'at': 7}),
    'snapshot-of-fold-without-initial-state': snapshot({'name': 'consents', 'version': 3}, 0, {}),
    'token': token('cursor', ['actor-1', 'records', '{"first":10}'], {'page': 2, 'key': ['2026-01-01', 'r']}),
    'token-of-exactly-one-block': token('record', [], {'r': 'x' * 24}),
    'actor-id': {'what': 'actor-id', 'actorKey': ACTOR.hex(), 'issuer': 'https://idp.example', 'subject': 'officer-1',
                 'id': url(HMAC(ACTOR, b'hrl/actor/v1\n', lp('https://idp.example'), lp('officer-1'))[:16])},
    'derived-id': {'what': 'derived-id', 'requestKey': REQUEST.hex(), 'event': EVENT, 'of': 'consent',
                   'id': url(HMAC(REQUEST, b'hrl/derived-id/v1\n', uuid.UUID(EVENT).bytes, lp('consent'))[:16])},
    'check-value': {'what': 'check', 'key': REQUEST.hex(), 'name': 'request', 'value': url(HMAC(REQUEST, b'hrl/check/v1\n', lp('request')))},
}

folder = pathlib.Path(__file__).parent / 'valid'
if '--write' in sys.argv:
    folder.mkdir(exist_ok=True)
    for name, vector in VECTORS.items():
        (folder / f'{name}.json').write_text(json.dumps(vector, ensure_ascii=False, indent=2) + '\n')
stored = {file.stem: json.loads(file.read_text()) for file in folder.glob('*.json')}
wrong = sorted(name for name in VECTORS.keys() | stored.keys() if VECTORS.get(name) != stored.get(name))
for name in wrong:
    print('does not agree:', name)
print(f'{len(VECTORS) - len(wrong)} of {len(VECTORS)} vectors agree')
sys.exit(1 if wrong else 0)
