"""Origins: written as browsers write them, and a sentence that says what is wrong with what is none."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.gateway.origins import ancestors
from bot.origins import MOST, InvalidOrigin, is_proper, origin, origins
from bot.settings import Settings, SettingsError


def refused(text: str) -> str:
    with pytest.raises(InvalidOrigin) as caught:
        origin(text)
    said = str(caught.value)
    assert said.endswith(".")
    assert "\n" not in said
    assert len(said) < 260
    return said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://www.site.example", "https://www.site.example"),
        ("  HTTPS://WWW.Site.Example  ", "https://www.site.example"),
        # What one copies out of a browser's address line.
        ("https://www.site.example/", "https://www.site.example"),
        # A browser leaves the usual port out, and keeps any other.
        ("https://site.example:443", "https://site.example"),
        ("https://site.example:8443", "https://site.example:8443"),
        ("https://site.example:08443", "https://site.example:8443"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:5173", "http://localhost:5173"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://shop.localhost:3000", "http://shop.localhost:3000"),
        # By the rules of browsers (UTS 46), which keep the sharp s: RFC 5891 gives both of these.
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://STRAßE.example", "https://xn--strae-oqa.example"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://my_shop.site.example", "https://my_shop.site.example"),
        ("https://[2001:DB8:0:0::1]", "https://[2001:db8::1]"),
        ("https://192.0.2.7:444", "https://192.0.2.7:444"),
    ],
)
def test_an_origin_is_written_as_a_browser_writes_it(text: str, expected: str) -> None:
    assert origin(text) == expected
    assert origin(expected) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "An origin is expected, such as https://www.company.example."),
        ("*", "'*' stands for many sites at once; name each one by itself."),
        ("https://*.site.example", "stands for many sites at once"),
        ("www.site.example", "'www.site.example' is not like https://www.company.example."),
        ("//site.example", "is not like"),
        ("null", "is not like"),
        ("https:/site.example", "is not like"),
        ("ftp://site.example", "'ftp://site.example' begins with ftp://; https:// is expected."),
        ("javascript://x", "begins with javascript://"),
        (
            "https://site.example/shop",
            "names a page; only scheme and host are expected: https://site.example.",
        ),
        ("https://site.example//", "names a page"),
        ("https://site.example?a=1", "has more than scheme, host and port"),
        ("https://site.example#top", "has more than scheme, host and port"),
        ("https://me:secret@site.example", "has more than scheme, host and port"),
        ("https://site.example\\evil", "has more than scheme, host and port"),
        ("https://site.example https://b.example", "names a page"),
        ("https://a b.example", "has more than scheme, host and port"),
        ("https://site.example:0", "has no port from 1 to 65535 behind its colon."),
        ("https://site.example:65536", "has no port"),
        ("https://site.example:", "has no port"),
        ("https://site.example:https", "has no port"),
        ("https://site.example:٤٤٣", "has no port"),
        ("https://", "is not like"),
        ("https:///", "has no host that there can be."),
        ("https://.example", "has no host"),
        ("https://site..example", "has no host"),
        ("https://-site.example", "has no host"),
        ("https://site.example'; script-src *", "stands for many"),
        ("https://site.example;script-src", "has no host"),
        ("https://site.example,b.example", "has no host"),
        ("https://999.1.1.1", "has no host"),
        ("https://1.2.3", "has no host"),
        ("https://[::1", "has no host"),
        ("https://[site]", "has no host"),
        # A zone of IPv6 may hold any sign, and would end what a header says of frames.
        ("https://[::1%eth0]", "has no host"),
        ("https://[::1%;sandbox;]", "has no host"),
        ("https://[::1%☃]", "has no host"),
        ("https://[fe80::1%25eth0]:8443", "has no host"),
        ("https://[::1%]", "has no host"),
        ("https://[::1x:1", "has no host"),
        ("https://[1:2:3:4:5:6:7:8:9]", "has no host"),
        ("https://" + "a" * 64 + ".example", "has no host"),
        ("https://" + "ü" * 70 + ".example", "has no host"),
        ("https://" + "a." * 200 + "example", "is not like"),
        ("https://site.example\nSet-Cookie: a=b", "has more than scheme, host and port"),
        ("http://site.example", "is http, which anybody on the way can change; https is expected"),
        ("http://localhost.site.example", "is http"),
        ("http://127.0.0.2", "is http"),
        ("http://notlocalhost", "is http"),
    ],
)
def test_what_is_no_origin_is_refused_with_what_is_wrong(text: str, said: str) -> None:
    assert said in refused(text)


@given(st.text(max_size=400))
@example("\x1f/")
def test_no_text_breaks_it_and_what_is_taken_fits_in_a_header(text: str) -> None:
    for given_text in (text, f"https://{text}", f"https://{text}.example", f"https://[::1{text}]"):
        try:
            found = origin(given_text)
        except InvalidOrigin as error:
            found, said = None, str(error)
        else:
            said = ""
        assert said.isprintable()
        if found is not None:
            assert origin(found) == found
            assert found.isascii()
            assert found == found.lower()
            assert not set(found) & set(" ;,*'\"\r\n\t\\@?#%")
            assert is_proper(found)
            assert found.count("/") == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "null",
        "https:",
        "https://",
        "https://a.example;sandbox",
        "https://a.example b.example",
        "https://a.example\n",
        "https://a.example\r\nSet-Cookie: a=b",
        "https://a.example,",
        "https://A.example",
        "https://a.example/page",
        "https://*.example",
        "https://☃.example",
        "https://a.example:٤٤٣",
        "https://[::1%;sandbox;]",
        "https://[::1",
        "https://a.example:",
        "javascript://a.example",
        "'unsafe-inline'",
    ],
)
def test_what_no_origin_looks_like_never_gets_into_a_policy(text: str) -> None:
    assert not is_proper(text)
    assert ancestors([text]) == "frame-ancestors 'self'"
    assert ancestors(["https://a.example", text, "http://[::1]:80"]) == (
        "frame-ancestors 'self' https://a.example http://[::1]:80"
    )


def test_several_are_taken_once_each_in_their_order_and_no_more_than_a_header_bears() -> None:
    many = [f"https://s{number}.example" for number in range(MOST)]

    assert origins(["https://b.example", "https://a.example", "HTTPS://B.example/"]) == (
        "https://b.example",
        "https://a.example",
    )
    assert origins([]) == ()
    assert origins([*many, *many]) == tuple(many)
    with pytest.raises(InvalidOrigin, match=r"^At most 50 origins can be allowed at one place, not 51\.$"):
        origins([*many, "https://one.more.example"])
    with pytest.raises(InvalidOrigin, match="names a page"):
        origins(["https://a.example", "https://b.example/page"])


def test_the_setting_takes_origins_with_blanks_between() -> None:
    read = Settings.from_environment({"PEIL_EMBED_ORIGINS": " https://A.example/   http://localhost:80 "})

    assert read.embed_origins == "https://a.example http://localhost"
    assert Settings.from_environment({}).embed_origins == ""
    # What one process gives another is read as it was.
    assert Settings.from_environment(read.environment()).embed_origins == read.embed_origins


def test_a_setting_that_holds_something_else_stops_the_start_with_a_sentence() -> None:
    with pytest.raises(
        SettingsError,
        match=r"^PEIL_EMBED_ORIGINS must be origins with blanks between\. '\*' stands for many sites at once",
    ):
        Settings.from_environment({"PEIL_EMBED_ORIGINS": "https://a.example *"})
    with pytest.raises(SettingsError, match="has no host that there can be"):
        Settings.from_environment({"PEIL_EMBED_ORIGINS": "https://[::1%;sandbox;]"})
