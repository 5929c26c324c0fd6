#!/usr/bin/env python3
"""Check an evidence package with Python's standard library alone (3.8 or newer), without a network.

    python3 verify.py                     the folder in which this file lies
    python3 verify.py PACKAGE             another folder, or the ZIP as it was handed over
    python3 verify.py PACKAGE --key HEX   and only if it was signed with this key, as it is printed on the house's papers

Exit code 0: everything holds. 1: something does not, and every such thing is named. 2: this is no evidence package.

What is checked, and against what:
  SHA256SUMS, signature    every file is there, is the one that was signed for, and there is no other
  checkpoint-*.txt         Ed25519 (RFC 8032) over origin, ledger, size, root and time
  entries-*.jsonl          every entry hashes to its leaf and stands in the tree under the checkpoint (RFC 9162, 2.1.3);
                           every reason beside an entry is the one that was sealed in it
  scope.json               it counts the entries of each ledger that are here; whose sight they are of, and how many
                           entries about the lot are outside it, is what the house says and is printed as such
  documents/               every PDF and every record is the one that a proved entry names by SHA-256

It was written from the standards, apart from the program that made the package, and shares no line with it.
"""

import sys

# Whoever made the folder could have put a module beside this file: nothing is imported from where it lies.
if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    del sys.path[0]

import argparse
import hashlib
import io
import json
import os
import re
import stat
import zipfile

SUMS, SIGNATURE, SCOPE = "SHA256SUMS", "SHA256SUMS.signature", "scope.json"
SIGNED_AS = "secretome-trace evidence package\n"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")
HEX32 = re.compile(r"[0-9a-f]{64}")
LEDGER = re.compile(r"entries-[0-9a-f]{32}\.jsonl")


# ------------------------------------------------------------------------------------------------ Ed25519, RFC 8032, 5.1

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    """5.1.3: the x of a point, or None where there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def point(told):
    """A point from its 32 bytes, in extended coordinates (5.1.4), or None."""
    if len(told) != 32:
        return None
    y = int.from_bytes(told, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def plus(a, b):
    k = (a[1] - a[0]) * (b[1] - b[0]) % P
    m = (a[1] + a[0]) * (b[1] + b[0]) % P
    n = 2 * a[3] * b[3] * D % P
    o = 2 * a[2] * b[2] % P
    e, f, g, h = m - k, o - n, o + n, m + k
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, a):
    made = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            made = plus(made, a)
        a = plus(a, a)
        scalar >>= 1
    return made


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def ed25519_holds(key, message, signature):
    """5.1.7: whether this signature (64 bytes) is the key's (32 bytes) over the message."""
    if len(signature) != 64:
        return False
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    return same(times(s, BASE), plus(r, times(k, a)))


# ------------------------------------------------------------------------------------------- Merkle tree, RFC 9162, 2.1.3


def leaf_of(content):
    return hashlib.sha256(b"\x00" + content).digest()


def inclusion_holds(leaf, index, size, path, root):
    """2.1.3.2: whether the leaf stands at this index in the tree of this size and root."""
    if not 0 <= index < size or any(len(part) != 32 for part in (leaf, root, *path)):
        return False
    here, last, made = index, size - 1, leaf
    for part in path:
        if last == 0:
            return False
        if here % 2 == 1 or here == last:
            made = hashlib.sha256(b"\x01" + part + made).digest()
            while here % 2 == 0 and here != 0:
                here, last = here // 2, last // 2
        else:
            made = hashlib.sha256(b"\x01" + made + part).digest()
        here, last = here // 2, last // 2
    return last == 0 and made == root


# --------------------------------------------------------------------------------------------------- the package as files


class Folder:
    """Files of a folder, two levels deep at most; anything that is not a plain file is a fault."""

    def __init__(self, path):
        self.path, self.faults, self.names = path, [], []
        for below, folders, files in os.walk(path):
            if not folders and not files and below != path:
                self.faults.append(os.path.relpath(below, path).replace(os.sep, "/") + ": it is an empty folder")
            for name in files + [one for one in folders if os.path.islink(os.path.join(below, one))]:
                whole = os.path.join(below, name)
                told = os.path.relpath(whole, path).replace(os.sep, "/")
                if stat.S_ISREG(os.lstat(whole).st_mode):
                    self.names.append(told)
                else:
                    self.faults.append(told + ": it is no plain file")

    def open(self, name):
        return open(os.path.join(self.path, *name.split("/")), "rb")  # whoever asks closes it


class Zip:
    """Files of a ZIP, read where they lie: nothing is unpacked anywhere."""

    def __init__(self, path):
        self.zip, self.faults = zipfile.ZipFile(path), []
        self.names = [one.filename for one in self.zip.infolist()]
        self.faults += [
            name + ": it is in the ZIP twice" for name in sorted(set(self.names)) if self.names.count(name) > 1
        ]
        if min((one.header_offset for one in self.zip.infolist()), default=0):
            self.faults.append(path + ": something stands before the ZIP")
        with open(path, "rb") as file:
            if self.gaps(file):
                self.faults.append(path + ": something stands between the files of the ZIP")
            if self.zip.comment or not self.ends(file):
                self.faults.append(path + ": something stands after the ZIP, or is written into its end")

    def gaps(self, file):
        """Whether there are bytes between one file and the next, or before the list of them. A file may be followed by its sizes."""
        end, more = 0, 0
        for one in sorted(self.zip.infolist(), key=lambda one: one.header_offset):
            if not end <= one.header_offset <= end + more:
                return end > 0
            file.seek(one.header_offset + 26)
            lengths = file.read(4)
            end = one.header_offset + 30 + sum(int.from_bytes(lengths[at : at + 2], "little") for at in (0, 2))
            end, more = end + one.compress_size, 24 if one.flag_bits & 8 else 0
        return not end <= self.zip.start_dir <= end + more

    def ends(self, file):
        """Whether the file's last bytes are the end of a ZIP that has no comment."""
        file.seek(-22, os.SEEK_END)
        last = file.read()
        return last[:4] == b"PK\5\6" and last[20:] == b"\0\0"

    def open(self, name):
        return self.zip.open(name)


class Check:
    """What was found wrong, in the order in which it was found; `counted` says how much was looked at."""

    def __init__(self, files, key):
        self.files, self.key = files, key
        self.wrong, self.counted = list(files.faults), {}
        self.hashes = {}
        self.named = {}
        self.lines = {}

    def fault(self, name, why):
        self.wrong.append(name + ": " + why)

    def count(self, what):
        self.counted[what] = self.counted.get(what, 0) + 1

    def read(self, name):
        """All of a file, or None where it cannot be read; then that is said once."""
        try:
            with self.files.open(name) as file:
                return file.read()
        except (OSError, KeyError, ValueError, zipfile.BadZipFile, RuntimeError, EOFError) as error:
            self.unreadable(name, error)
        except Exception as error:  # zlib.error has no name without its module
            self.unreadable(name, error)
        return None

    def unreadable(self, name, error):
        told = name + ": it cannot be read (" + type(error).__name__ + ")"
        if told not in self.wrong:
            self.wrong.append(told)

    def text(self, name):
        data = self.read(name)
        try:
            return None if data is None else data.decode("utf-8")
        except UnicodeDecodeError:
            self.fault(name, "it is no text")
            return None

    # -- files

    def sums(self):
        """Every file is the one that SHA256SUMS says, SHA256SUMS is signed, and there is no other file."""
        told = self.text(SUMS)
        if told is None:
            return
        for number, line in enumerate(told.split("\n")[:-1], 1):
            found = re.fullmatch(r"([0-9a-f]{64})  (\S+)", line)
            if not found or not NAME.fullmatch(found.group(2)) or found.group(2) in self.hashes:
                self.fault(SUMS, f"line {number} is none of such a list")
                continue
            self.hashes[found.group(2)] = found.group(1)
        if not told.endswith("\n"):
            self.fault(SUMS, "its last line is not whole")
        self.signed(told)
        for name, digest in self.hashes.items():
            data = self.read(name) if name in self.files.names else None
            if name not in self.files.names:
                self.fault(name, "it is missing")
            elif data is not None and hashlib.sha256(data).hexdigest() != digest:
                self.fault(name, "it was changed: its SHA-256 is not the one in " + SUMS)
            self.count("files")
        for name in sorted(set(self.files.names) - set(self.hashes) - {SUMS, SIGNATURE}):
            self.fault(name, "it is not of this package: " + SUMS + " does not name it")

    def signed(self, sums):
        lines = (self.text(SIGNATURE) or "").split("\n")
        if len(lines) != 3 or lines[2] or not HEX32.fullmatch(lines[0]) or not re.fullmatch(r"[0-9a-f]{128}", lines[1]):
            self.fault(SIGNATURE, "it is not a key and a signature, a line each")
            return
        if self.key and lines[0] != self.key:
            self.fault(SIGNATURE, "it is signed with another key than the one that was asked for")
        self.key = self.key or lines[0]
        if not ed25519_holds(bytes.fromhex(self.key), (SIGNED_AS + sums).encode(), bytes.fromhex(lines[1])):
            self.fault(SIGNATURE, "the signature over " + SUMS + " does not hold: one of the two was changed")

    # -- ledgers

    def checkpoint(self, name):
        """(ledger, size, root) of a checkpoint whose signature holds, or None."""
        told = self.text(name)
        found = re.fullmatch(
            r"([^\n]+\n([0-9a-f]{32})\n([0-9]{1,15})\n([0-9a-f]{64})\n[^\n]+\n)\n\u2014 ([0-9a-f]{64}) ([0-9a-f]{128})\n",
            told or "",
        )
        if not found:
            self.fault(name, "it is no checkpoint")
            return None
        text, ledger, size, root, key, signature = found.groups()
        if key != self.key:
            self.fault(name, "it is signed with another key")
        elif not ed25519_holds(bytes.fromhex(key), text.encode(), bytes.fromhex(signature)):
            self.fault(name, "its signature does not hold")
        self.count("checkpoints")
        print(f"Checkpoint of ledger {ledger}: {size} entries")
        print(f"  root {root}")
        print(f"  {shown(text.split(chr(10))[0])}, {shown(text.split(chr(10))[4])}, signed with the key {key}")
        print("  Compare root and key with a paper of the house: every printed record has them.")
        return ledger, int(size), bytes.fromhex(root)

    def entries(self, name, point):
        """Every line of the extract: its leaf, its proof, its reason; what it says of documents is kept."""
        data = self.read(name)
        if data is None:
            return
        before = 0
        for line_number, line in enumerate(io.BytesIO(data), 1):
            where = f"line {line_number}"
            try:
                told = json.loads(line.decode("utf-8"))
                number, content = told["number"], told["entry"]
                where = f"entry {number:d}"
                path = [bytes.fromhex(part) for part in told["path"]]
                reasons = [(one["id"], one["salt"], one["words"]) for one in told["reasons"]]
                body = json.loads(content)
                changes = [one for one in body.get("changes", []) if "new" in one or "set" in one]
            except (ValueError, KeyError, TypeError, AttributeError):
                self.fault(name, where + " cannot be read")
                continue
            if number <= before:
                self.fault(name, where + " does not come after the one before it")
            before = number
            if point is not None:
                _ledger, size, root = point
                if not inclusion_holds(leaf_of(content.encode()), number - 1, size, path, root):
                    self.fault(name, where + " is not proved: its content, its number or its path was changed")
            sealed = {
                one.get("id"): one["new"].get("words")
                for one in changes
                if one.get("table") == "free_text" and "new" in one
            }
            for row, salt, words in reasons:
                if sealed.get(row) != "sealed:" + hashlib.sha256((str(salt) + "|" + str(words)).encode()).hexdigest():
                    self.fault(name, where + ": its reason is not the one that was sealed")
            for one in changes:
                if one.get("table") == "document" and "new" in one:
                    self.named[(one["new"].get("number"), one["new"].get("version"))] = (one["new"], number)
            self.count("entries")
            self.lines[name] = self.lines.get(name, 0) + 1

    # -- whose sight

    def scope(self):
        """Whose sight the package is of, printed as the house says it; what it counts as in here is here."""
        told = self.text(SCOPE) if SCOPE in self.hashes else None
        if told is None:
            self.fault(SCOPE, "it is missing: whose sight this package is of is not said")
            return
        try:
            whole = json.loads(told)
            rows = [
                (shown(one["ledger"]), shown(one["house"]), one["entries_there"] - one["entries_outside"], one["entries_outside"],
                 ", ".join(map(shown, one["roles"])), shown(one["asked_by"]), shown(one["organisation"]), shown(one["sight"]),
                 ", ".join(map(shown, one["lots"])), shown(one["granted_since"]), shown(one["granted_until"] or "no end"))
                for one in whole["ledgers"]
            ]  # fmt: skip
            lot = shown(whole["lot"])
        except (ValueError, KeyError, TypeError):
            self.fault(SCOPE, "it cannot be read")
            return
        for ledger, house, inside, outside, roles, asked_by, organisation, sight, lots, since, until in rows:
            print(f"Scope in ledger {ledger} of {house}, as the house says it:")
            print(f"  lot {lot}; asked for by {asked_by} ({roles}), {organisation}")
            limits = f" {lots}, granted {since} to {until}" if lots else ""
            print(f"  sight: {sight}{limits}; {inside} entries in here, {outside} about the lot are outside it")
            if self.lines.get(f"entries-{ledger}.jsonl", 0) != inside:
                self.fault(SCOPE, f"it says {inside} entries of ledger {ledger}, and that is not what is here")
        if {one[0] for one in rows} != {name[8:40] for name in self.hashes if LEDGER.fullmatch(name)}:
            self.fault(SCOPE, "it names other ledgers than those in here")

    # -- documents

    def documents(self):
        """Every document of the list is the one that an entry names, PDF and record, byte for byte."""
        told = self.text("documents.json")
        try:
            listed = json.loads(told or "[]")
            rows = [(one["number"], one["version"], one["file"], one["record"]) for one in listed]
        except (ValueError, KeyError, TypeError):
            self.fault("documents.json", "it cannot be read")
            return
        for number, version, file, record in rows:
            named, entry = self.named.get((number, version), (None, None))
            if named is None:
                self.fault(str(file), f"no entry of this package says that {number}, version {version}, was made")
                continue
            for name, column in ((file, "bytes_sha256"), (record, "record_sha256")):
                if name is None:  # what it said was erased; its digest stays
                    continue
                data = self.read(name) if name in self.hashes else None
                if data is None:
                    self.fault(str(name), "it is listed in documents.json and not in " + SUMS)
                elif hashlib.sha256(data).hexdigest() != named.get(column):
                    self.fault(name, f"it is not the one that entry {entry} names")
            self.count("documents")
            digest = named.get("record_sha256")
            print(f"  {number}, version {version}: the record's SHA-256, as every page prints it: {digest}")
        known = {name for row in rows for name in row[2:] if name}
        for name in sorted(name for name in self.hashes if name.startswith("documents/")):
            if name not in known:
                self.fault(name, "it is not listed in documents.json")

    def run(self):
        self.sums()
        found = sorted(name for name in self.hashes if LEDGER.fullmatch(name))
        if not found:
            self.fault(SUMS, "it names no entries of a ledger")
        for name in found:
            of = "checkpoint-" + name[8:40] + ".txt"
            point = self.checkpoint(of) if of in self.hashes else None
            if of not in self.hashes:
                self.fault(of, "it is missing: without it " + name + " proves nothing")
            if point is not None and point[0] != name[8:40]:
                self.fault(of, "it is of another ledger")
                point = None
            self.entries(name, point)
        self.scope()
        self.documents()
        return self.wrong


def shown(told):
    """Words of a package on one line of a terminal, and nothing that a terminal obeys."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(told))


def itself():
    """The SHA-256 of this very file, or that it cannot be read."""
    try:
        with open(os.path.abspath(__file__), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return "cannot be read"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", nargs="?", default=os.path.dirname(os.path.abspath(__file__)))
    parser.add_argument("--key", type=str.lower, help="the key's public half, 64 characters, from a paper you trust")
    asked = parser.parse_args(arguments)
    if asked.key is not None:
        asked.key = "".join(asked.key.split())  # papers print it in groups
        if not HEX32.fullmatch(asked.key):
            parser.error("a key has 64 characters, 0 to 9 and a to f")
    try:
        files = Folder(asked.package) if os.path.isdir(asked.package) else Zip(asked.package)
    except (OSError, zipfile.BadZipFile) as error:
        print(f"{asked.package}: it is neither a folder nor a ZIP ({type(error).__name__})")
        return 2
    print(f"This program: {os.path.abspath(__file__)}")
    print(f"  SHA-256 {itself()}")
    print(
        "  The house shows what it should be on the page where packages of the lot are made; README.txt of a package repeats it."
    )
    if SUMS not in files.names:
        print(f"{asked.package}: there is no {SUMS} in it, so it is no evidence package")
        return 2
    check = Check(files, asked.key)
    wrong = check.run()
    told = ", ".join(f"{count} {what}" for what, count in check.counted.items())
    print("Looked at: " + (told or "nothing"))
    if wrong:
        print(f"{len(wrong)} things do not hold:")
        for one in wrong:
            print("  " + one)
        return 1
    print("Everything holds. Signed with the key " + str(check.key))
    if not asked.key:
        print("Compare this key with the one on a paper of the house that you trust, or give it as --key.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
