"""The certificate that the service makes for itself on its first start."""

import datetime
import ipaddress
import os
import socket
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = datetime.timedelta(days=3650)
RENEWED_BEFORE = datetime.timedelta(days=30)
ADDRESSES = ("127.0.0.1", "::1")


def ensure(directory: Path) -> tuple[Path, Path]:
    """The paths of a certificate for this machine and its key, made where there are none, or they end soon."""
    certificate, key = directory / "certificate.pem", directory / "certificate.key"
    if not (certificate.exists() and key.exists() and _holds(certificate)):
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(certificate, key)
    return certificate, key


def _holds(certificate: Path) -> bool:
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
    except ValueError:
        return False
    return found.not_valid_after_utc - RENEWED_BEFORE > datetime.datetime.now(datetime.UTC)


def _make(certificate: Path, key: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    hosts = dict.fromkeys(("localhost", socket.gethostname()[:64]))
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    *(x509.DNSName(host) for host in hosts if host.isascii()),
                    *(x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES),
                ]
            ),
            critical=False,
        )
        # clients are given it as the one authority that they trust
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(key, secret, 0o600)
    _write(certificate, made.public_bytes(serialization.Encoding.PEM), 0o644)


def _write(path: Path, data: bytes, mode: int) -> None:
    """Write a file whole or not at all, never readable for more than ``mode`` says."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
    new.replace(path)
