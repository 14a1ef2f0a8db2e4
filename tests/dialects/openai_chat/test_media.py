from __future__ import annotations

import pytest

from pointsman.chat import Document, Image, Source, Text
from pointsman.dialects.openai_chat import wire
from pointsman.dialects.openai_chat.media import (
    decode_file,
    decode_image,
    encode_document,
    encode_image,
    parse_data_url,
    plain_text,
)
from pointsman.errors import InvalidRequest, UntranslatableRequest


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("data:image/png;base64,QQ==", Source("base64", "QQ==", "image/png")),
        ("data:IMAGE/PNG;charset=utf-8;BASE64,QQ==", Source("base64", "QQ==", "image/png")),
    ],
)
def test_data_urls(url: str, source: Source) -> None:
    assert parse_data_url(url, "p") == source


@pytest.mark.parametrize(
    "url", ["data:image/png,QQ==", "data:image/png;base64", "data:", "ftp://x/a.png", ""]
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        decode_image(wire.ImageUrl(url), "messages[0].content[1]")
    assert caught.value.param == "messages[0].content[1].image_url.url"


@pytest.mark.parametrize(
    ("file", "document"),
    [
        (wire.File(file_id="f", filename="n"), Document(Source("file", "f"), title="n")),
        (wire.File(file_data="QQ=="), Document(Source("base64", "QQ==", "application/pdf"))),
        (
            wire.File(file_data="data:text/csv;base64,QQ==", filename="a.csv"),
            Document(Source("base64", "QQ==", "text/csv"), title="a.csv"),
        ),
    ],
)
def test_files(file: wire.File, document: Document) -> None:
    assert decode_file(file, "p") == document


@pytest.mark.parametrize(("file", "param"), [(None, "p.file"), (wire.File(), "p.file.file_data")])
def test_files_without_anything(file: wire.File | None, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        decode_file(file, "p")
    assert caught.value.param == param


def test_an_image_part_without_an_image() -> None:
    with pytest.raises(InvalidRequest) as caught:
        decode_image(None, "p")
    assert caught.value.param == "p.image_url"


def test_what_lies_elsewhere_is_refused() -> None:
    with pytest.raises(UntranslatableRequest):
        encode_image(Image(Source("file", "f")), "p")
    with pytest.raises(UntranslatableRequest):
        encode_document(Document(Source("url", "https://x")), "p")


def test_plain_text_of_either() -> None:
    assert plain_text(Text("a")) == "a"
    assert plain_text(Document(Source("text", "b"), title="t")) == "t\n\nb"
