#!/usr/bin/env python3
"""The second verifier: everything that is signed and spoken, checked without the project's code.

For anyone who wants to know whether bytes are what they claim. Python 3.11, standard library
only; its own BLAKE3, strict Ed25519, canonical CBOR and rules, written from `docs/spec/`.

    verify.py vectors-folder           checks every vector, prints a line per file
    verify.py journal FILE.jsonl       checks an exported journal
    verify.py deliveries FILE.jsonl    checks exported delivery receipts

Exit 0 when all agrees, 1 when anything does not, 2 for wrong use. It does not know the word
list (it checks the 11-bit indices), and knows the script of a letter only for the scripts in
`SCRIPTS`. It is for checking, not for secrets: nothing here runs in constant time.
"""

import base64
import binascii
import hashlib
import ipaddress
import json
import pathlib
import re
import struct
import sys
import unicodedata


class Refused(Exception):
    """Carries the error code of the specification."""


def need(ok, code):
    if not ok:
        raise Refused(code)


# --- BLAKE3, https://github.com/BLAKE3-team/BLAKE3-specs ------------------------------------

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
ORDER = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
MIXES = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
         (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))
START, END, PARENT, ROOT, KEYED, CONTEXT, MATERIAL = 1, 2, 4, 8, 16, 32, 64


def compress(cv, block, counter, length, flags):
    """One compression: the next chaining value, eight words."""
    v = [*cv, *IV[:4], counter & 0xFFFFFFFF, counter >> 32, length, flags]
    for turn in range(7):
        for n, (a, b, c, d) in enumerate(MIXES):
            for word, r, q in ((block[2 * n], 16, 12), (block[2 * n + 1], 8, 7)):
                v[a] = (v[a] + v[b] + word) & 0xFFFFFFFF
                x = v[d] ^ v[a]
                v[d] = (x >> r | x << (32 - r)) & 0xFFFFFFFF
                v[c] = (v[c] + v[d]) & 0xFFFFFFFF
                x = v[b] ^ v[c]
                v[b] = (x >> q | x << (32 - q)) & 0xFFFFFFFF
        if turn < 6:
            block = [block[i] for i in ORDER]
    return [v[i] ^ v[i + 8] for i in range(8)]


def blake3_node(data, key, counter, flags):
    """The arguments of the last compression of this subtree."""
    if len(data) > 1024:
        chunks = 1 << ((len(data) - 1) // 1024).bit_length() - 1
        left = compress(*blake3_node(data[:chunks * 1024], key, counter, flags))
        right = compress(*blake3_node(data[chunks * 1024:], key, counter + chunks, flags))
        return key, left + right, 0, 64, flags | PARENT
    blocks = [data[i:i + 64] for i in range(0, len(data), 64)] or [b""]
    cv = key
    for n, block in enumerate(blocks):
        words = struct.unpack("<16I", block.ljust(64, b"\0"))
        ends = (START if n == 0 else 0) | (END if n == len(blocks) - 1 else 0)
        if n == len(blocks) - 1:
            return cv, words, counter, len(block), flags | ends
        cv = compress(cv, words, counter, 64, flags | ends)


def blake3(data, key=None, context=None):
    """32 bytes: the plain hash, keyed by 32 bytes, or derived for a context."""
    cv, flags = IV, 0
    if key is not None:
        cv, flags = struct.unpack("<8I", key), KEYED
    if context is not None:
        inner, words, counter, length, more = blake3_node(context.encode(), IV, 0, CONTEXT)
        cv, flags = compress(inner, words, counter, length, more | ROOT), MATERIAL
    inner, words, counter, length, more = blake3_node(data, cv, 0, flags)
    return struct.pack("<8I", *compress(inner, words, counter, length, more | ROOT))


# --- Ed25519, strict: RFC 8032 without cofactor, small orders refused ------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def plus(a, b):
    """Adds two points in extended coordinates; complete, so it doubles too."""
    s, t = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    u, v = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % P, g * h % P, f * g % P, e * h % P


def point(raw):
    """A point from 32 bytes, or None. y is taken modulo p, and -0 is 0, as ed25519-dalek does."""
    bits = int.from_bytes(raw, "little")
    y = (bits & (1 << 255) - 1) % P
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if v * x * x % P != u:
        return None
    if x & 1 != bits >> 255:
        x = -x % P
    return x, y, 1, x * y % P


def small(a):
    for _ in range(3):
        a = plus(a, a)
    return a[0] == 0 and a[1] == a[2]


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def verifies(key, message, signature):
    """Whether the signature is good, as `verify_strict` of ed25519-dalek 3 means it."""
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if s >= L or a is None or r is None or small(a) or small(r):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    minus = (-a[0] % P, a[1], 1, -a[3] % P)
    table = (None, BASE, minus, plus(BASE, minus))
    total = NEUTRAL
    for bit in range(252, -1, -1):
        total = plus(total, total)
        chosen = table[(s >> bit & 1) | (k >> bit & 1) << 1]
        total = plus(total, chosen) if chosen else total
    inverse = pow(total[2], -1, P)
    x, y = total[0] * inverse % P, total[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# --- Canonical bytes: DAG-CBOR without floats, tags and indefinite lengths -------------------

MAX_DEPTH = 16


def head(data, at):
    """(major, info, argument, next position) of the header at `at`."""
    need(at < len(data), "malformed")
    major, info = data[at] >> 5, data[at] & 31
    if info < 24:
        return major, info, info, at + 1
    need(info < 28, "malformed")
    end = at + 1 + (1 << info - 24)
    need(end <= len(data), "malformed")
    return major, info, int.from_bytes(data[at + 1:end], "big"), end


def walk(data):
    """Headers only: the depth is known before anything is built."""
    at, owed = 0, [1]
    while owed:
        if owed[-1] == 0:
            owed.pop()
            continue
        owed[-1] -= 1
        major, info, argument, at = head(data, at)
        if major in (2, 3):
            at += argument
            need(at <= len(data), "malformed")
        elif major in (4, 5):
            need(len(owed) <= MAX_DEPTH, "too-deep")
            owed.append(argument * (major - 3))
        elif major > 5:
            need(major == 7 and info in (20, 21, 22), "malformed")
    need(at == len(data), "malformed")


def parse(data, at):
    """(value, next position) of the one item at `at`, which `walk` has passed."""
    major, info, argument, at = head(data, at)
    if major == 7:
        return {20: False, 21: True, 22: None}[info], at
    need(info < 24 or argument >= (24, 1 << 8, 1 << 16, 1 << 32)[info - 24], "malformed")
    if major < 2:
        return (-1 - argument if major else argument), at
    if major < 4:
        raw = data[at:at + argument]
        try:
            return (raw if major == 2 else raw.decode()), at + argument
        except UnicodeDecodeError:
            raise Refused("malformed") from None
    items, last = [], None
    for _ in range(argument):
        if major == 5:
            key, at = parse(data, at)
            need(isinstance(key, str), "malformed")
            order = (len(key.encode()), key.encode())
            need(last is None or order > last, "malformed")
            last = order
        value, at = parse(data, at)
        items.append((key, value) if major == 5 else value)
    return (dict(items) if major == 5 else items), at


def encode(value):
    """The one encoding of a value."""
    def header(major, n):
        for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if n < 24:
                return bytes([major << 5 | n])
            if n < 1 << 8 * width:
                return bytes([major << 5 | info]) + n.to_bytes(width, "big")
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return header(0, value) if value >= 0 else header(1, -1 - value)
    if isinstance(value, bytes):
        return header(2, len(value)) + value
    if isinstance(value, str):
        return header(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return header(4, len(value)) + b"".join(map(encode, value))
    entries = sorted(encode(k) + encode(v) for k, v in value.items())
    return header(5, len(value)) + b"".join(entries)


def decode(data, cap, shape):
    """Size, depth, form, shape, and that these bytes are the one encoding of the value."""
    need(len(data) <= cap, "too-large")
    walk(data)
    value = shape(parse(data, 0)[0])
    need(encode(value) == data, "not-canonical")
    return value


# --- Shapes: each takes a parsed value and returns it as its type would encode it -------------

def whole(low, high):
    def shape(v):
        need(type(v) is int and low <= v < high, "malformed")
        return v
    return shape


def plain(kind, length=None):
    def shape(v):
        need(type(v) is kind and (length is None or len(v) == length), "malformed")
        return v
    return shape


def many(item):
    return lambda v: [item(x) for x in plain(list)(v)]


def words(*allowed):
    def shape(v):
        need(type(v) is str and v in allowed, "malformed")
        return v
    return shape


def fields(**shapes):
    """A map of exactly these. `x_opt` may be absent; `x_or` is absent when false or empty."""
    def shape(v):
        need(type(v) is dict, "malformed")
        out, left = {}, dict(v)
        for name, inner in shapes.items():
            key, _, how = name.partition("__")
            if how and key not in left:
                continue
            need(key in left, "malformed")
            found = left.pop(key)
            if how == "opt" and found is None:
                continue
            found = inner(found)
            if how != "or" or found:
                out[key] = found
        need(not left, "malformed")
        return out
    return shape


def one_of(**shapes):
    """A map of one entry, whose key says which shape the value has."""
    def shape(v):
        need(type(v) is dict and len(v) == 1 and next(iter(v)) in shapes, "malformed")
        return {k: shapes[k](x) for k, x in v.items()}
    return shape


U64, I64, TEXT, BYTES, FLAG = whole(0, 1 << 64), whole(-1 << 63, 1 << 63), plain(str), plain(bytes), plain(bool)
HASH = KEY = plain(bytes, 32)
OUTCOME = words("passed", "failed", "accepted", "unknown")
ENVELOPE = fields(t=TEXT, p=BYTES, s=many(fields(k=KEY, g=plain(bytes, 64))))
STEP = fields(kind=words("ask", "say", "think", "call", "result", "note"), line=U64, at__opt=U64,
              name__opt=TEXT, call__opt=TEXT, failed__or=FLAG, text=TEXT, bytes=U64)
HEAD = fields(id=HASH, size=U64, title=TEXT, problem=TEXT, family=many(TEXT), outcome=OUTCOME,
              iat=U64, supersedes__opt=HASH)
SHAPES = {
    "trace": fields(agent=TEXT, model__opt=TEXT, started=U64, ended=U64, outcome=OUTCOME,
                    source=fields(format=TEXT, hash=HASH), steps=many(STEP)),
    "crystal": fields(title=TEXT, problem=TEXT,
                      fix=many(one_of(command=fields(text=TEXT), edit=fields(file=TEXT, text=TEXT))),
                      checks=many(fields(command=TEXT, exit=I64)), outcome=OUTCOME,
                      dead_ends=many(fields(tried=TEXT, error=TEXT)), lesson=many(TEXT),
                      env=fields(os__opt=TEXT, repo__opt=TEXT, tools__or=many(TEXT), files__or=many(TEXT)),
                      family=many(TEXT), supersedes__opt=HASH, evidence=many(HASH), iat=U64),
    "card": fields(human=KEY, author=KEY, transport=KEY, solana__opt=KEY, name__opt=TEXT, seq=U64,
                   iat=U64, exp=U64),
    "consent": fields(v=U64, act=words("share-private", "share-public"),
                      obj=fields(id=HASH, size=U64, children__opt=many(HASH)),
                      aud=lambda v: v if v == "public" else one_of(peers=many(KEY))(v),
                      lim=fields(until__opt=U64, reshare=FLAG), iat=U64, nonce=plain(bytes, 16),
                      key_protection=words("pin", "keychain", "file"), grant__opt=HASH),
    "grant": fields(v=U64, rule=KEY, act=words("share-private", "share-public"), line=HASH,
                    aud=lambda v: v if v == "public" else one_of(peers=many(KEY))(v), iat=U64, until=U64),
    "revocation": fields(v=U64, target=lambda v: v if v == "all" else one_of(receipt=HASH, grant=HASH)(v),
                         to=KEY, reason__opt=TEXT, seq=U64, iat=U64),
    "delivery": fields(v=U64, artifact=HASH, size=U64, giver=KEY, taker=KEY, session=U64, count=U64,
                       bytes_total=U64, iat=U64),
    "countersign": fields(v=U64, delivery=HASH, iat=U64),
    "policy": fields(v=U64, seq=U64, org=TEXT, for__opt=many(KEY), iat=U64, until__opt=U64,
                     forbid=fields(public=FLAG, people__opt=many(KEY), findings__or=many(TEXT), agents__opt=many(TEXT))),
}
CAPS = {"trace": 64 << 20, "crystal": 1 << 20, "card": 8 << 10, "consent": 8 << 10, "journal-head": 1 << 10,
        "anchor": 1 << 10, "grant": 8 << 10, "revocation": 2 << 10, "delivery": 1 << 10, "countersign": 1 << 10,
        "policy": 32 << 10}


# --- Rules: what a payload owes beyond its shape ----------------------------------------------

WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
DAY = 24 * 60 * 60 * 1000
MAX_LIFE = 366 * DAY
MAX_STEP_TEXT = 8 << 10


def limit(field, most, *found):
    """Texts have at most `most` characters, lists at most `most` entries."""
    need(all(len(x) <= most for x in found), "bad-field:" + field)


def check_family(family):
    limit("family", 128, family)
    limit("family", 64, *family)
    rising = all(a.encode() < b.encode() for a, b in zip(family, family[1:]))
    need(rising and all(":" in term for term in family), "bad-field:family")


def check_trace(v, _signers):
    limit("agent", 64, v["agent"])
    limit("model", 128, v.get("model", ""))
    limit("source", 64, v["source"]["format"])
    need(v["started"] <= v["ended"], "bad-field:ended")
    for step in v["steps"]:
        need(len(step["text"].encode()) <= min(step["bytes"], MAX_STEP_TEXT), "bad-field:steps")


def check_crystal(v, _signers):
    need(v["title"].strip(WHITE), "bad-field:title")
    limit("title", 160, v["title"])
    limit("problem", 8000, v["problem"])
    limit("fix", 128, v["fix"])
    for step in v["fix"]:
        (step,) = step.values()
        limit("fix", 1024, step.get("file", ""))
        limit("fix", 8000, step["text"])
    limit("checks", 128, v["checks"])
    limit("checks", 8000, *(c["command"] for c in v["checks"]))
    limit("dead_ends", 128, v["dead_ends"])
    limit("dead_ends", 8000, *(x for end in v["dead_ends"] for x in end.values()))
    limit("lesson", 128, v["lesson"])
    limit("lesson", 8000, *v["lesson"])
    env = v["env"]
    tools, files = env.get("tools", []), env.get("files", [])
    limit("env", 256, env.get("os", ""), env.get("repo", ""))
    limit("env", 128, tools, files)
    limit("env", 1024, *tools, *files)
    check_family(v["family"])
    limit("evidence", 512, v["evidence"])


def check_card(v, signers):
    named = [v["human"], v["author"], v["transport"]]
    need(signers == named, "wrong-signer")
    need(len(set(named)) == 3, "bad-field:keys")
    limit("name", 64, v.get("name", ""))
    need(0 < v["exp"] - v["iat"] <= MAX_LIFE, "bad-field:exp")


def check_consent(v, _signers):
    need(v["v"] == 0, "bad-field:v")
    private = v["act"] == "share-private"
    need(private == (v["aud"] != "public"), "bad-field:aud")
    if private:
        peers = v["aud"]["peers"]
        need(peers and all(a < b for a, b in zip(peers, peers[1:])), "bad-field:aud")
        limit("aud", 128, peers)
        need(not v["lim"]["reshare"], "bad-field:lim")
    need(v["lim"].get("until", v["iat"] + 1) > v["iat"], "bad-field:lim")
    need(v["obj"]["size"] > 0, "bad-field:obj")
    limit("obj", 128, v["obj"].get("children", []))


def check_journal_head(v, _signers):
    need(v["v"] == 0 and (v["seq"] > 0) == (v["hash"] != bytes(32)), "bad-field:v")


def check_anchor(v, _signers):
    need(v["v"] == 0, "bad-field:v")
    need(v["seq"] > 0 and v["hash"] != bytes(32), "bad-field:seq")
    need(v["card"] > 0, "bad-field:card")
    need(v["store"] > 0, "bad-field:store")


def check_grant(v, signers):
    need(v["v"] == 0, "bad-field:v")
    need(v["act"] == "share-private", "bad-field:act")
    need(v["aud"] != "public", "bad-field:aud")
    peers = v["aud"]["peers"]
    need(peers and all(a < b for a, b in zip(peers, peers[1:])), "bad-field:aud")
    limit("aud", 128, peers)
    need(v["rule"] != signers[0], "bad-field:rule")
    need(0 < v["until"] - v["iat"] <= DAY, "bad-field:until")


def check_revocation(v, signers):
    need(v["v"] == 0, "bad-field:v")
    need(0 < v["seq"] < 1 << 53, "bad-field:seq")
    need(v["to"] != signers[0], "bad-field:to")
    limit("reason", 280, v.get("reason", ""))


def check_delivery(v, _signers):
    need(v["v"] == 0, "bad-field:v")
    need(v["giver"] != v["taker"], "bad-field:taker")
    need(v["size"] > 0, "bad-field:size")
    need(v["count"] > 0, "bad-field:count")
    total = v["bytes_total"]
    need(total == v["size"] if v["count"] == 1 else total >= v["size"], "bad-field:bytes_total")


def check_countersign(v, _signers):
    need(v["v"] == 0, "bad-field:v")


def each_once(field, entries):
    limit(field, 128, entries)
    need(all(a < b for a, b in zip(entries, entries[1:])), "bad-field:" + field)


def check_policy(v, _signers):
    need(v["v"] == 0, "bad-field:v")
    need(0 < v["seq"] < 1 << 53, "bad-field:seq")
    need(v["org"].strip(WHITE), "bad-field:org")
    limit("org", 64, v["org"])
    if "for" in v:
        need(v["for"], "bad-field:for")
        each_once("for", v["for"])
    forbid = v["forbid"]
    each_once("people", forbid.get("people", []))
    for field in ("findings", "agents"):
        entries = forbid.get(field, [])
        need(all(re.fullmatch("[a-z0-9_-]{1,64}", word) for word in entries), "bad-field:" + field)
        each_once(field, entries)
    need(v["iat"] < v.get("until", v["iat"] + 1), "bad-field:until")


RULES = {"trace": check_trace, "crystal": check_crystal, "card": check_card,
         "consent": check_consent, "journal-head": check_journal_head, "grant": check_grant,
         "revocation": check_revocation, "delivery": check_delivery, "countersign": check_countersign,
         "anchor": check_anchor, "policy": check_policy}


# --- Envelopes, heads, deliveries -------------------------------------------------------------

def pae(t, payload):
    """DSSE pre-authentication encoding: what is signed."""
    return b"DSSEv1 %d %s %d %s" % (len(t.encode()), t.encode(), len(payload), payload)


def parse_type(t):
    match = re.fullmatch(r"application/vnd\.tracenet\.(.*)\.v(0|[1-9][0-9]*)\+dag-cbor", t, re.S | re.A)
    known = match and match[1] in RULES and len(match[2]) <= 10
    need(known and int(match[2]) < 1 << 32, "unknown-type")
    need(match[2] == "0", "unsupported-version")
    return match[1]


def open_envelope(kind, data):
    """(payload, signing keys) of an envelope of this kind."""
    envelope = decode(data, CAPS[kind], ENVELOPE)
    need(parse_type(envelope["t"]) == kind, "wrong-kind")
    need(len(envelope["s"]) == (3 if kind == "card" else 1), "signature-count")
    message = pae(envelope["t"], envelope["p"])
    for signed in envelope["s"]:
        need(verifies(signed["k"], message, signed["g"]), "bad-signature")
    payload = decode(envelope["p"], CAPS[kind], SHAPES[kind])
    signers = [signed["k"] for signed in envelope["s"]]
    RULES[kind](payload, signers)
    return payload, signers


def head_of(data):
    """The head of a crystal's envelope."""
    crystal, _ = open_envelope("crystal", data)
    kept = ("title", "family", "outcome", "iat", "supersedes")
    found = {name: crystal[name] for name in kept if name in crystal}
    return found | {"id": blake3(data), "size": len(data), "problem": crystal["problem"][:280]}


def open_head(data):
    found = decode(data, 8 << 10, HEAD)
    need(found["title"].strip(WHITE), "bad-field:title")
    limit("title", 160, found["title"])
    limit("problem", 280, found["problem"])
    check_family(found["family"])
    need(found["size"] <= CAPS["crystal"], "bad-field:size")
    return found


def within(what, act, *args):
    """Runs `act`; a refusal says what was refused."""
    try:
        return act(*args)
    except Refused as refused:
        raise Refused(f"{what}:{refused}") from None


CUSTODY = ("file", "keychain", "pin")
SKEW = 10 * 60 * 1000


def open_granted(consent, signer, envelope, human):
    """The grant that a receipt is signed under, or None where its human signed it."""
    need(("grant" in consent) == (envelope is not None), "unknown-grant")
    if envelope is None:
        need(signer == human, "not-theirs")
        return None
    grant, (by,) = within("grant", open_envelope, "grant", envelope)
    need(blake3(envelope) == consent["grant"], "unknown-grant")
    need(by == human and grant["rule"] == signer, "not-theirs")
    named = consent["aud"] != "public" and set(consent["aud"]["peers"]) <= set(grant["aud"]["peers"])
    covered = named and consent["act"] == grant["act"] and grant["iat"] <= consent["iat"] < grant["until"]
    need(covered, "outside-grant")
    return grant


def hits(revocation, receipt_id, consent, given):
    """Whether a revocation withdraws this receipt, for which consent was given at `given`."""
    target = revocation["target"]
    if target == "all":
        return given <= revocation["iat"]
    return target in ({"receipt": receipt_id}, {"grant": consent.get("grant")})


def receive(card, earlier, receipt, grant, head_bytes, delivered, me, now, floor, revocations):
    """The receiver's order: the first check that fails is the answer."""
    card, _ = within("card", open_envelope, "card", card)
    before = [within("card", open_envelope, "card", one)[0] for one in earlier]
    cards = [card] + [one for one in before if one["human"] == card["human"] and one["seq"] < card["seq"]]
    consent, (signer,) = within("receipt", open_envelope, "consent", receipt)
    rule = open_granted(consent, signer, grant, card["human"])
    given = rule["iat"] if rule else consent["iat"]
    need(all(any(one["iat"] <= at < one["exp"] for one in cards) for at in (consent["iat"], given)),
         "card-expired")
    need(consent["iat"] <= now + SKEW, "from-the-future")
    need(consent["lim"].get("until", now + 1) > now, "expired")
    need(consent["aud"] == "public" or me in consent["aud"]["peers"], "not-for-me")
    need("children" not in consent["obj"], "wrong-act")
    withdrawn = [within("revocation", open_envelope, "revocation", r)[0] for r in revocations]
    need(not any(hits(r, blake3(receipt), consent, given) for r in withdrawn), "revoked")
    need(CUSTODY.index(consent["key_protection"]) >= CUSTODY.index(floor), "weak-custody")
    told, named = within("artifact", open_head, head_bytes), (consent["obj"]["id"], consent["obj"]["size"])
    need((told["id"], told["size"]) == named, "wrong-head")
    need(not rule or rule["line"] in (told["id"], told.get("supersedes")), "outside-grant")
    need((blake3(delivered), len(delivered)) == named, "wrong-bytes")
    _, (author,) = within("artifact", open_envelope, "crystal", delivered)
    need(head_of(delivered) == told, "wrong-head")
    need(author in [one["author"] for one in cards], "wrong-author")


def take_revocation(envelope, card, me, kept, now):
    """A revocation as its recipient takes it."""
    card, _ = within("card", open_envelope, "card", card)
    revocation, (signer,) = within("revocation", open_envelope, "revocation", envelope)
    need(signer == card["human"], "not-theirs")
    need(revocation["to"] == me, "not-for-me")
    need(revocation["iat"] <= now + SKEW, "from-the-future")
    need(revocation["seq"] > kept, "stale")


def take_delivery(envelope, card, me, count, bytes_total, served):
    """A delivery receipt as the giver takes it: whether it follows from the book."""
    card, _ = within("card", open_envelope, "card", card)
    said, (author,) = within("delivery", open_envelope, "delivery", envelope)
    need(author == card["author"], "not-theirs")
    need((said["giver"], said["taker"]) == (me, card["human"]), "not-us")
    need(served.get(said["artifact"]) == said["size"], "not-served")
    follows = (said["count"], said["bytes_total"]) == (count + 1, bytes_total + said["size"])
    need(follows, "diverges")


def take_countersign(envelope, card, known):
    """A countersignature as the taker takes it."""
    card, _ = within("card", open_envelope, "card", card)
    said, (author,) = within("delivery", open_envelope, "countersign", envelope)
    need(author == card["author"], "not-theirs")
    need(said["delivery"] in known, "other-delivery")


# --- The journal ------------------------------------------------------------------------------

def maybe(inner):
    return lambda v: None if v is None else inner(v)


ASK_ID, PEOPLE = plain(bytes, 16), many(KEY)
WAY = words("consent-window", "main-window", "terminal", "notification", "tray")
REACH = fields(anywhere=FLAG, relay=maybe(TEXT), nearby=FLAG)
OBJECT = fields(id=HASH, size=U64, children__opt=many(HASH))
AT = fields(at=U64)
ASK = fields(
    id=ASK_ID, at=U64, reason=TEXT, scan_spent=FLAG,
    by=one_of(agent=fields(name=TEXT, key=KEY, paired=maybe(U64), session=TEXT, process=many(TEXT), verified__or=FLAG),
              human=fields(way=WAY, process=many(TEXT))),
    wish=one_of(**{"share-private": fields(object=OBJECT, peers=PEOPLE), "share-public": fields(object=OBJECT),
                   "pair": fields(name=TEXT, key=KEY, known_before=FLAG), "ticket": fields(lifetime=U64, hidden__or=FLAG), "unhide": fields(peer=KEY),
                   "connect": fields(ticket=TEXT, name=maybe(TEXT)),
                   "accept": fields(peer=KEY, endpoint=KEY, name=maybe(TEXT)),
                   "unblock": fields(peer=maybe(KEY), endpoint=KEY), "let": fields(peer=KEY),
                   "reach": fields(reach=REACH), "resume": fields(anchored=U64, found=U64), "sign-revocations": fields(),
                   "rotate": fields(role=words("author", "transport", "journal")),
                   "accept-policy": fields(policy=BYTES), "drop-policy": fields(organisation=maybe(KEY), name=TEXT)}),
    findings=many(fields(rule=TEXT, label=TEXT, line=U64, masked=TEXT)),
    state=one_of(pending=fields(), allowed=fields(at=U64, receipt=maybe(HASH)), denied=fields(at=U64, instead__opt=ASK_ID),
                 expired=AT, withdrawn=AT, cancelled=AT),
    redacts__opt=fields(ask=ASK_ID, of=HASH, taken_out=U64))
ONE, SEEN, AGENT = fields(ask=ASK_ID), fields(ask=ASK_ID, way=WAY), fields(name=TEXT, key=KEY)
CARDED = fields(before=KEY, after=KEY, card=BYTES)
EVENT = one_of(**{
    "opened": fields(human=KEY, journal=KEY), "asked": fields(ask=ASK), "shown": SEEN,
    "allowed": fields(ask=ASK_ID, way=WAY, receipt__opt=BYTES), "denied": SEEN, "expired": ONE,
    "withdrawn": ONE, "cancelled": ONE, "grant-failed": fields(ask=ASK_ID, way=WAY, why=TEXT),
    "exported": fields(receipt=HASH, artifact=HASH), "told": fields(receipt=HASH, artifact=HASH, peer=KEY),
    "serving": fields(receipt=HASH, artifact=HASH, peer=KEY, session=U64),
    "served": fields(receipt=HASH, artifact=HASH, peer=KEY, session=U64, bytes=U64, whole=FLAG),
    "received": fields(artifact=HASH, peer=KEY, receipt=HASH),
    "refused": fields(peer=maybe(KEY), endpoint=KEY, why=TEXT),
    "peer-pinned": fields(peer=KEY, endpoint=KEY, name=TEXT), "knocked": fields(peer=KEY, endpoint=KEY),
    "peer-blocked": fields(peer=maybe(KEY), endpoint=KEY, why=TEXT),
    "peer-unblocked": fields(peer=maybe(KEY), endpoint=KEY), "peer-let": fields(peer=KEY),
    "peer-unlet": fields(peer=KEY), "stopped": fields(receipt=HASH, peer=maybe(KEY)),
    "revoked": fields(revocation=BYTES), "revoked-by-peer": fields(peer=KEY, revocation=BYTES),
    "diverged": fields(peer=KEY, delivery=HASH), "reach-changed": fields(reach=REACH),
    "upgraded": fields(**{"from": U64, "to": U64}), "restored": fields(anchor=U64, found=U64),
    "agent-paired": AGENT, "agent-unpaired": AGENT,
    "allowed-by-rule": fields(ask=ASK_ID, rule=HASH, receipt=BYTES),
    "rule-made": fields(ask=ASK_ID, grant=BYTES,
                        bounds=fields(agent=KEY, name=TEXT, term=words("once", "session", "lock", "day"), session=TEXT,
                                      peers=PEOPLE, shown=HASH)),
    "policy-accepted": fields(ask=ASK_ID, policy=BYTES), "policy-dropped": fields(organisation=maybe(KEY)),
    "rule-narrowed": fields(rule=HASH, peers=PEOPLE), "rule-ended": fields(rule=HASH, why=TEXT),
    "agent-muted": fields(name=TEXT, key=KEY, until=U64, why=TEXT), "agent-unmuted": AGENT,
    "agent-blocked": AGENT, "agent-unblocked": AGENT,
    "key-unlocked": fields(way=WAY), "key-locked": fields(why=TEXT),
    "pin-changed": fields(way=WAY, protection=words("pin", "keychain", "file")),
    "phrase-shown": fields(way=WAY), "phrase-verified": fields(way=WAY),
    "peer-moved": fields(peer=KEY, before=KEY, endpoint=KEY),
    "key-rotated": fields(key=one_of(author=CARDED, transport=CARDED, journal=fields(before=KEY, after=KEY))),
    "journal-handed-over": fields(head=BYTES)})
ENTRY = fields(v=U64, seq=U64, prev=HASH, at=U64, event=EVENT)
SHAPES["journal-head"] = fields(v=U64, seq=U64, hash=HASH)
SHAPES["anchor"] = fields(v=U64, journal=KEY, seq=U64, hash=HASH, card=U64, store=U64, iat=U64)


def check_chain(entries, signed_head, key):
    """The decoded entries of an unbroken chain that ends where its head says, and whose key signs it."""
    seq, last, found, signer, heir, signed = 0, bytes(32), [], None, None, []
    for raw in entries:
        try:
            entry = decode(raw, 1 << 20, ENTRY)
        except Refused:
            raise Refused("unreadable") from None
        need(entry["v"] == 0, "unreadable")
        need(entry["seq"] == seq + 1, "missing")
        need(entry["prev"] == last, "broken")
        ((word, event),) = entry["event"].items()
        need((word == "journal-handed-over") == (heir is not None), "not-handed-over")
        if heir is not None:
            try:
                said, by = open_envelope("journal-head", event["head"])
            except Refused:
                raise Refused("not-handed-over") from None
            need(by == [signer] and (said["seq"], said["hash"]) == (seq, last), "not-handed-over")
            signer, heir = heir, None
            signed.append(signer)
        if word == "opened":
            # Later ones would name another signer without the word of the one before.
            need(seq == 0, "not-handed-over")
            signer = event["journal"]
            signed.append(signer)
        if word == "key-rotated" and "journal" in event["key"]:
            need(event["key"]["journal"]["before"] == signer, "not-handed-over")
            heir = event["key"]["journal"]["after"]
        seq, last = seq + 1, blake3(raw)
        found.append(entry)
    if signed_head is None:
        need(seq == 0, "bad-head")
        return found, signer
    # Whoever knows any key of the chain knows by its word each that followed.
    need(heir is None and (key is None or not signed or key in signed), "bad-head")
    signer = signer or key
    try:
        end, signers = open_envelope("journal-head", signed_head)
    except Refused:
        raise Refused("bad-head") from None
    need(signers == [signer], "bad-head")
    need(seq >= end["seq"], "truncated")
    need(seq <= end["seq"], "unsigned")
    need(end["hash"] == last, "rewritten")
    return found, signer


def check_consents(entries):
    """Every byte that left belongs to a receipt of this human, allowed before it left."""
    human, receipts, grants = entries[0]["event"]["opened"]["human"], {}, {}
    for entry in entries:
        ((word, event),) = entry["event"].items()
        where = f"entry {entry['seq']} ({word})"
        if word == "allowed" and "receipt" in event:
            consent, signers = within(where, open_envelope, "consent", event["receipt"])
            need(signers == [human], where + ": the receipt is another human's")
            receipts[blake3(event["receipt"])] = consent
        if word == "rule-made":
            _, signers = within(where, open_envelope, "grant", event["grant"])
            need(signers == [human], where + ": the grant is another human's")
            grants[blake3(event["grant"])] = event["grant"]
        if word == "allowed-by-rule":
            consent, signers = within(where, open_envelope, "consent", event["receipt"])
            need(consent.get("grant") == event["rule"], where + ": the receipt names another rule")
            within(where, open_granted, consent, signers[0], grants.get(event["rule"]), human)
            receipts[blake3(event["receipt"])] = consent
        if word in ("exported", "told", "serving", "served"):
            consent = receipts.get(event["receipt"])
            need(consent, where + ": nobody allowed this")
            need(consent["obj"]["id"] == event["artifact"], where + ": another artifact was allowed")
            audience = consent["aud"]
            named = audience == "public" or event.get("peer") in [None, *audience["peers"]]
            need(named, where + ": this peer was not named")
    return len(receipts)


def journal(path, expected=None):
    """Checks an export: a line {"entry": hex} each, then {"head": hex}; other fields are ignored."""
    try:
        lines = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
        entries = [bytes.fromhex(line["entry"]) for line in lines if "entry" in line]
        heads = [bytes.fromhex(line["head"]) for line in lines if "head" in line]
    except (OSError, ValueError, TypeError) as error:
        raise Refused(f"not an exported journal: {error}") from None
    need(entries and len(heads) == 1 and "head" in lines[-1], "the entries or the signed head are missing")
    first = within("entry 1", decode, entries[0], 1 << 20, ENTRY)["event"].get("opened")
    need(first, "entry 1 does not name the keys")
    found, signer = check_chain(entries, heads[0], None)
    need(expected in (None, signer.hex()), "signed by another journal_key than the one given")
    receipts = check_consents(found)
    print(f"good: {len(found)} entries, {receipts} receipts, chained and signed")
    print(f"human_key   {first['human'].hex()}\njournal_key {signer.hex()}")


# --- Delivery receipts ------------------------------------------------------------------------

def deliveries(path):
    """Checks an export: {"card": hex} of two people, the newest and earlier ones of each, then
    {"delivery": hex, "countersign": hex} each."""
    try:
        lines = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
        cards = [bytes.fromhex(line["card"]) for line in lines if "card" in line]
        rows = [[bytes.fromhex(line.get(part, "")) for part in ("delivery", "countersign")]
                for line in lines if "card" not in line]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise Refused(f"not exported delivery receipts: {error}") from None
    opened = [within("card", open_envelope, "card", card)[0] for card in cards]
    people, seen, counted, sums = {}, set(), set(), {}
    for card in opened:
        people.setdefault(card["human"], set()).add(card["author"])
    need(len(people) == 2, "the cards of both are missing")
    for n, (delivery, countersign) in enumerate(rows, 1):
        where, name = f"receipt {n}", blake3(delivery)
        said, (author,) = within(where, open_envelope, "delivery", delivery)
        need(said["giver"] in people and said["taker"] in people, where + ": about other people")
        need(author in people[said["taker"]], where + ": the taker did not sign it")
        need(name not in seen, where + ": it stands here twice")
        seen.add(name)
        if not countersign:
            continue
        agreed, (author,) = within(where, open_envelope, "countersign", countersign)
        need(author in people[said["giver"]], where + ": the giver did not countersign it")
        need(agreed["delivery"] == name, where + ": the countersignature is about another")
        way = (said["giver"], said["taker"])
        need((way, said["artifact"]) not in counted, where + ": this artifact was counted before")
        counted.add((way, said["artifact"]))
        count, total = sums.get(way, (0, 0))
        sums[way] = (count + 1, total + said["size"])
    print(f"good: {len(rows)} delivery receipts, {len(counted)} countersigned")
    for (giver, taker), (count, total) in sums.items():
        print(f"{giver.hex()} gave {taker.hex()} {count} artifacts, {total} bytes")


# --- Sessions ---------------------------------------------------------------------------------

def fits(shape, ok):
    """A shape whose values also keep a limit."""
    def inner(v):
        v = shape(v)
        need(ok(v), "malformed")
        return v
    return inner


def at_most(cap):
    return fits(BYTES, lambda v: len(v) <= cap)


def rising(v):
    return all(a < b for a, b in zip(v, v[1:]))


WORD = fits(TEXT, lambda v: 1 <= len(v) <= 64 and all("!" <= c <= "~" for c in v))
NAMES = fits(many(WORD), lambda v: len(v) <= 32 and rising(v))


def limits(v):
    need(len(plain(dict)(v)) <= 32, "malformed")
    return {WORD(name): U64(size) for name, size in v.items()}


SHOWN = fields(card=at_most(8 << 10), binding=plain(bytes, 64))
OFFER = fields(seq=whole(1, 1 << 64), head=at_most(8 << 10), receipt=at_most(8 << 10), grant__opt=at_most(8 << 10))
OFFERS = fits(many(OFFER), lambda v: len(v) <= 256 and rising([offer["seq"] for offer in v]))


MESSAGE = one_of(
    introduce=fields(versions=fits(many(U64), lambda v: 1 <= len(v) <= 16 and rising(v)), card=HASH, proof__opt=HASH),
    card=SHOWN, capabilities=fields(caps=NAMES, policies=NAMES, limits=limits, kept=fields(heads=U64, revocations=U64)),
    ping=fields(), close=fields(code=WORD), wait=fields(), knock=SHOWN,
    revocations=fields(list=fits(many(at_most(2 << 10)), lambda v: 1 <= len(v) <= 64)),
    heads=fields(offers=OFFERS), want=fields(id=HASH), decline=fields(id=HASH, why=WORD),
    delivery=fields(envelope=at_most(1 << 10)), countersign=fields(envelope=at_most(1 << 10)),
    diverged=fields(delivery=HASH, count=U64, bytes_total=U64))


def check_session(file, transcript):
    """Every frame is canonical; cards, proofs and bindings belong to who speaks and to this connection."""
    cards = {who: raw(file[who]["card"]) for who in ("dialler", "accepter")}
    keys = {who: within(who, open_envelope, "card", card)[0] for who, card in cards.items()}
    digests, exporter = {who: blake3(card) for who, card in cards.items()}, raw(file["exporter"])
    for who in cards:
        need(blake3(keys[who]["human"]) == raw(file[who]["human_digest"]), "human-digest")
    for frame in transcript["frames"]:
        who, message = frame["from"], decode(raw(frame["frame"]), 64 << 10, MESSAGE)
        ((word, said),) = message.items()
        if word == "introduce":
            proof = blake3(exporter + digests[who], key=raw(file["invite_secret"]))
            with_proof = who == "dialler" and transcript["ticket"]
            need(said["card"] == digests[who], "card-digest")
            need(said.get("proof") == (proof if with_proof else None), "invite-proof")
        if word in ("card", "knock"):
            role = bytes([who == "accepter"])
            # To a stranger the accepter's card is not told: zeros stand for it.
            accepters = digests["accepter"] if word == "card" else bytes(32)
            need(word == "card" or who == "dialler", "only a dialler knocks")
            bound = role + exporter + digests["dialler"] + accepters
            signed = pae("application/vnd.tracenet.binding.v0", bound)
            need(said["card"] == cards[who], "another-card")
            need(verifies(keys[who]["author"], signed, said["binding"]), "binding")
    said = {who: [decode(raw(f["frame"]), 64 << 10, MESSAGE) for f in transcript["frames"] if f["from"] == who]
            for who in cards}
    if {"wait": {}} in said["accepter"]:
        # Whoever is not let in reads this and nothing else.
        need([next(iter(m)) for m in said["accepter"]] == ["wait", "close"], "a stranger was told more")
    closing = decode(raw(transcript["frames"][-1]["frame"]), 64 << 10, MESSAGE).get("close")
    need(transcript["closes"] == (closing and closing["code"]), "closes")


# --- Words and shown text ---------------------------------------------------------------------

def word_indices(digest, count):
    """The first `count` groups of eleven bits."""
    bits = int.from_bytes(digest, "big")
    return [bits >> 256 - 11 * (n + 1) & 2047 for n in range(count)]


INVISIBLE = ((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5),
             (0x180B, 0x180F), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0x27E8, 0x27E9),
             (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB),
             (0x13430, 0x1345F), (0x1BCA0, 0x1BCA3), (0x1D159, 0x1D159), (0xFDD0, 0xFDEF), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF))
SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "HEBREW", "ARABIC", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO")
TOGETHER = ({"CJK", "HIRAGANA", "KATAKANA"}, {"CJK", "HANGUL"}, {"CJK", "BOPOMOFO"})


def display_safe(text, most, lines):
    """{text, cut, escaped, mixed_scripts} of a text shown in at most `most` characters."""
    def plain_char(c):
        hidden = any(low <= ord(c) <= high for low, high in INVISIBLE) or ord(c) & 0xFFFE == 0xFFFE
        return not (hidden or unicodedata.category(c) == "Cc")
    kept, out, marks, escaped = text[:most], "", 0, False
    for c in kept:
        mark = unicodedata.category(c)[0] == "M"
        fits = lines and c in "\n\t" or plain_char(c) and (not mark or marks > 0)
        out += c if fits else f"⟨U+{ord(c):04X}⟩"
        escaped |= not fits
        marks = max(marks - 1, 0) if mark else 8 if plain_char(c) and not c.isspace() else 0
    out += "…" if len(text) > most else ""
    split = "".join(c if unicodedata.category(c)[0] in "LN" else " " for c in out).split()
    scripts = [{unicodedata.name(c, "?").split()[0] for c in word} & set(SCRIPTS) for word in split]
    mixed = any(len(s) > 1 and not any(s <= ok for ok in TOGETHER) for s in scripts)
    return {"text": out, "cut": len(text) > most, "escaped": escaped, "mixed_scripts": mixed}


# --- Vectors: each check takes a case and says whether it agrees ---------------------------------

# --- Tickets, docs/spec/session.md ----------------------------------------------------------

SERVER = re.compile(r"(https?)://(?:([a-z0-9.-]+)|\[([0-9a-f:.]+)\])(?::([1-9][0-9]{0,4}))?/")
PRIVATE = [ipaddress.ip_network(net) for net in
           ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128")]


def read_server(text):
    """A relay's address in the one form there is."""
    found = SERVER.fullmatch(text)
    need(found and len(text) <= 255, "malformed")
    scheme, name, v6, port = found.groups()
    need(port is None or int(port) < 65536 and port != {"https": "443", "http": "80"}[scheme], "malformed")
    # A name whose last part is a number is an IPv4 address.
    by_ip = v6 or re.fullmatch(r"[0-9]+|0x[0-9a-f]*", (name.removesuffix(".")).rsplit(".", 1)[-1])
    ip = None
    if by_ip:
        try:
            ip = ipaddress.ip_address(v6 or name)
        except ValueError:
            raise Refused("malformed") from None
        need(str(ip) == (v6 or name), "malformed")
    private = any(ip in net for net in PRIVATE) if ip else name == "localhost"
    need(scheme == "https" or private, "malformed")
    return text


def read_ticket(text):
    """The addresses of a ticket."""
    text = "".join(text.split()).lower()
    need(text.startswith("tracenet"), "not-a-ticket")
    letters = text.removeprefix("tracenet")
    try:
        need(letters.isascii(), "typo")
        data = base64.b32decode(letters.upper() + "=" * (-len(letters) % 8))
    except binascii.Error:
        raise Refused("typo") from None
    again = base64.b32encode(data).decode().rstrip("=").lower()
    need(len(data) >= 4 and again == letters and blake3(data[:-4])[:4] == data[-4:], "typo")
    body, at, addresses = data[:-4], 122, []
    need(body, "malformed")
    need(body[0] == 0, "unsupported")
    need(len(body) >= at and body[at - 1] <= 16, "malformed")

    def take(count):
        nonlocal at
        need(len(body) >= at + count, "malformed")
        at += count
        return body[at - count:at]

    for _ in range(body[at - 1]):
        kind = take(1)[0]
        if kind == ord("r"):
            try:
                addresses.append(read_server(take(take(1)[0]).decode()))
            except UnicodeDecodeError:
                raise Refused("malformed") from None
            continue
        need(kind in (4, 6), "malformed")
        ip = ipaddress.ip_address(take(4 if kind == 4 else 16))
        port = int.from_bytes(take(2))
        addresses.append(f"{ip}:{port}" if kind == 4 else f"[{ip}]:{port}")
    need(at == len(body), "malformed")
    return addresses


def raw(value):
    """Bytes as hex, or as a list of hex and {"repeat": hex, "times": n}."""
    parts = [value] if isinstance(value, str) else value
    return b"".join(bytes.fromhex(p) if isinstance(p, str) else bytes.fromhex(p["repeat"]) * p["times"]
                    for p in parts)


def verdict(act, *args):
    try:
        act(*args)
    except Refused as refused:
        return str(refused)
    return "ok"


def case_hash(c):
    key = raw(c["key"]) if "key" in c else None
    return {"hash": blake3(raw(c["bytes"]), key, c.get("context")).hex()}


def case_words(c):
    material = raw(c["bytes"])
    count, context = {"key": (6, "tracenet 2026 v0 key words"), "code": (4, "tracenet 2026 v0 code words"),
                      "id": (3, "tracenet 2026 v0 id words")}[c["of"]]
    indices = word_indices(blake3(material, context=context), count)
    agree = len(c["words"].split("-")) == count
    return {"indices": indices, "words": c["words"] if agree else None}


def case_commitment(c):
    secret = blake3(raw(c["author_seed"]), context="tracenet 2026 v0 evidence commitment")
    place = raw(c["trace"]) + struct.pack(">QQ", c["from"], c["to"])
    return {"commitment": blake3(place + c["text"].encode(), key=secret).hex()}


def case_envelope(c):
    data = raw(c["bytes"])
    out = {"verdict": verdict(open_envelope, c["kind"], data)}
    if out["verdict"] == "ok":
        _, signers = open_envelope(c["kind"], data)
        out |= {"id": blake3(data).hex(), "signers": [s.hex() for s in signers]}
    return out


def case_head(c):
    data = raw(c["bytes"])
    if "crystal" in c and encode(head_of(raw(c["crystal"]))) != data:
        return {"verdict": "the head of another crystal"}
    return {"verdict": verdict(open_head, data)}


def case_arrival(c):
    card, receipt, head_bytes, delivered, me = (raw(c[k]) for k in ("card", "receipt", "head", "delivered", "me"))
    grant, revocations = raw(c["grant"]) if "grant" in c else None, [raw(r) for r in c["revocations"]]
    earlier = [raw(one) for one in c.get("earlier", [])]
    return {"verdict": verdict(receive, card, earlier, receipt, grant, head_bytes, delivered, me, c["now"], c["floor"],
                               revocations)}


def case_revoking(c):
    return {"verdict": verdict(take_revocation, raw(c["revocation"]), raw(c["card"]), raw(c["me"]), c["kept"],
                               c["now"])}


def case_settling(c):
    served = {raw(s["artifact"]): s["size"] for s in c["served"]}
    return {"verdict": verdict(take_delivery, raw(c["delivery"]), raw(c["card"]), raw(c["me"]), c["count"],
                               c["bytes_total"], served)}


def case_countersigning(c):
    return {"verdict": verdict(take_countersign, raw(c["countersign"]), raw(c["card"]), [raw(k) for k in c["known"]])}


def case_journal(c):
    signed = raw(c["head"]) if "head" in c else None
    return {"verdict": verdict(check_chain, [raw(e) for e in c["entries"]], signed, raw(c["key"]))}


def case_ticket(c):
    try:
        return {"verdict": "ok", "addresses": read_ticket(c["text"])}
    except Refused as refused:
        return {"verdict": str(refused)}


CHECKS = {
    "hash": case_hash, "words": case_words, "commitment": case_commitment, "envelope": case_envelope,
    "head": case_head, "arrival": case_arrival, "journal": case_journal, "ticket": case_ticket,
    "revoking": case_revoking, "settling": case_settling, "countersigning": case_countersigning,
    "signature": lambda c: {"good": verifies(*(raw(c[k]) for k in ("key", "message", "signature")))},
    "pae": lambda c: {"pae": pae(c["t"], raw(c["payload"])).hex()},
    "id": lambda c: {"id": blake3(raw(c["bytes"])).hex()},
    "display": lambda c: display_safe(c["given"], c["max"], c["lines"]),
}


def check_vectors(folder):
    """Checks every file of the folder; (cases checked, files, disagreements)."""
    total, wrong, files = 0, 0, sorted(folder.glob("*.json"))
    for path in files:
        found = json.loads(path.read_text())
        # Transcripts share the keys of their file, and carry no verdict: all are good.
        session = "transcripts" in found
        cases, bad = found["transcripts"] + found["messages"] if session else found["cases"], 0
        for case in cases:
            if session and "frames" in case:
                case, mine = case | {"verdict": "ok"}, {"verdict": verdict(check_session, found, case)}
            elif session:
                mine = {"verdict": verdict(decode, raw(case["frame"]), 64 << 10, MESSAGE)}
            else:
                mine = CHECKS[found["check"]](case)
            # A field that the case does not have cannot be agreed upon, so it counts as wrong.
            said = {name: case.get(name) for name in mine}
            if said != mine:
                bad += 1
                print(f"  {path.name}: {case['name']}: the vector says {said}, this verifier {mine}")
        print(f"{path.name}: {len(cases)} checked, {bad} disagree")
        total, wrong = total + len(cases), wrong + bad
    return total, len(files), wrong


def main(args):
    if len(args) in (2, 3) and args[0] == "journal" or len(args) == 2 and args[0] == "deliveries":
        try:
            (journal if args[0] == "journal" else deliveries)(pathlib.Path(args[1]), *args[2:])
        except Refused as refused:
            print(f"not good: {refused}")
            return 1
        return 0
    if len(args) == 1 and pathlib.Path(args[0]).is_dir():
        total, files, wrong = check_vectors(pathlib.Path(args[0]))
        print(f"checked {total} vectors in {files} files, {wrong} disagree")
        return 0 if total and not wrong else 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
