import plistlib
from uuid import UUID

from gisgrid.tls.files import der
from gisgrid.tls.profile import profile
from tests.tls.handshakes import authority


def test_a_profile_brings_the_authority_as_a_root() -> None:
    certificate = authority().certificate
    read = plistlib.loads(profile(certificate))
    (root,) = read["PayloadContent"]
    assert (read["PayloadType"], root["PayloadType"]) == ("Configuration", "com.apple.security.root")
    assert root["PayloadContent"] == der(certificate)
    assert "网格巡查" in read["PayloadDisplayName"]
    assert UUID(read["PayloadUUID"]) != UUID(root["PayloadUUID"])
    assert read["PayloadIdentifier"] != root["PayloadIdentifier"]


def test_the_same_authority_is_replaced_and_another_stands_beside_it() -> None:
    first, second = authority().certificate, authority().certificate
    assert profile(first) == profile(first)
    one, other = plistlib.loads(profile(first)), plistlib.loads(profile(second))
    assert {one["PayloadIdentifier"], one["PayloadUUID"]}.isdisjoint({other["PayloadIdentifier"], other["PayloadUUID"]})
