"""Give an image the root certificates that this machine trusts and Debian does not ship (`host_ca.py ROOT`).

Called by build_stand_ins.sh while the base image is made: behind a company's own certificate authority, or a package
mirror that has one, apt and pip inside a container could reach nothing without it.
"""

import re
import sys
from pathlib import Path

BUNDLE = "etc/ssl/certs/ca-certificates.crt"
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def certificates(bundle: Path) -> dict[str, str]:
    """The certificates of a bundle, by their text without white space."""
    return {re.sub(r"\s", "", text): text for text in CERTIFICATE.findall(bundle.read_text(errors="replace"))}


if __name__ == "__main__":
    image = Path(sys.argv[1])
    shipped = certificates(image / BUNDLE)
    missing = [text for key, text in certificates(Path("/") / BUNDLE).items() if key not in shipped]
    for number, text in enumerate(missing):
        (image / f"usr/local/share/ca-certificates/host-{number:03}.crt").write_text(text + "\n")
