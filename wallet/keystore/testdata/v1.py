# Writes v1.json, the vectors of version 1, with other implementations of
# Argon2id and XChaCha20-Poly1305 than the program's:
#
#	apt-get install python3-argon2 python3-nacl
#	/usr/bin/python3 v1.py > v1.json
import hashlib, json, struct, sys
from argon2.low_level import hash_secret_raw, Type
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt

out = []
for i, (password, public, secret, passes, memory, threads) in enumerate([
    (b"password", b"", b"", 2, 19 << 10, 1),
    (b"correct horse battery staple", b'{"addresses":[]}', bytes(range(64)), 2, 19 << 10, 1),
    ("пароль ñ".encode(), b"public", b"secret", 3, 32 << 10, 4),
    (b"", bytes(300), bytes(1000), 2, 19 << 10, 16),
]):
    salt = hashlib.sha256(b"salt%d" % i).digest()[:16]
    nonce = hashlib.sha256(b"nonce%d" % i).digest()[:24]
    head = b"BTTW\r\n\x1a\n" + struct.pack("<BBHII", 1, threads, 0, passes, memory) + salt + nonce
    head += struct.pack("<II", len(public), len(secret) + 16) + public
    key = hash_secret_raw(password, salt, passes, memory, threads, 32, Type.ID)
    file = head + encrypt(secret, head, nonce, key)
    file += hashlib.sha256(file).digest()
    out.append({"passes": passes, "memoryKiB": memory, "threads": threads, "password": password.hex(), "salt": salt.hex(),
                "nonce": nonce.hex(), "public": public.hex(), "secret": secret.hex(), "file": file.hex()})
json.dump(out, sys.stdout, indent="\t")
print()
