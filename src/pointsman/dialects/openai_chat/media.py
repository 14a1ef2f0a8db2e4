"""Images and files: data URLs on the wire, sources in the hub."""

from __future__ import annotations

from pointsman.chat import Document, Image, Source, Text
from pointsman.errors import UntranslatableRequest

from . import wire
from .problems import invalid_value, missing_parameter


def data_url(source: Source) -> str:
    return f"data:{source.media_type};base64,{source.data}"


def parse_data_url(url: str, path: str) -> Source:
    """``data:TYPE[;param];base64,DATA``. Raises InvalidRequest for other data URLs: nobody sends them."""
    head, comma, data = url.partition(",")
    media, *params = head[len("data:") :].split(";")
    if not comma or not params or params[-1].strip().lower() != "base64":
        raise invalid_value(path, "a data URL must read data:MEDIA_TYPE;base64,DATA")
    return Source(kind="base64", data=data, media_type=media.strip().lower())


def decode_image(image: wire.ImageUrl | str | None, path: str) -> Image:
    if image is None:
        raise missing_parameter(f"{path}.image_url")
    if isinstance(image, str):
        image = wire.ImageUrl(image)
    url = image.url
    if url[:5].lower() == "data:":
        source = parse_data_url(url, f"{path}.image_url.url")
    elif url[:8].lower().startswith(("https://", "http://")):
        source = Source(kind="url", data=url)
    else:
        raise invalid_value(f"{path}.image_url.url", "expected an http(s) or data URL")
    return Image(source, detail=image.detail or "")


def decode_file(file: wire.File | None, path: str) -> Document:
    if file is None:
        raise missing_parameter(f"{path}.file")
    title = file.filename or ""
    if file.file_id:
        return Document(Source(kind="file", data=file.file_id), title=title)
    if not file.file_data:
        raise missing_parameter(f"{path}.file.file_data")
    if file.file_data[:5].lower() == "data:":
        return Document(parse_data_url(file.file_data, f"{path}.file.file_data"), title=title)
    # OpenAI takes bare base64 too, and then goes by the name.
    return Document(Source(kind="base64", data=file.file_data, media_type="application/pdf"), title=title)


def encode_image(image: Image, path: str) -> dict[str, object]:
    """Raises UntranslatableRequest for an image that lies at the other provider."""
    source = image.source
    if source.kind == "base64":
        url = data_url(source)
    elif source.kind == "url":
        url = source.data
    else:
        raise UntranslatableRequest(
            "An image that was uploaded to one provider cannot be sent to another: send its bytes.",
            param=path,
        )
    body = {"url": url, "detail": image.detail} if image.detail else {"url": url}
    return {"type": "image_url", "image_url": body}


def encode_document(document: Document, path: str) -> dict[str, object]:
    """A file part, or a text part for a document that is text. Raises UntranslatableRequest for a URL."""
    source = document.source
    if source.kind == "text":
        return {"type": "text", "text": document_text(document)}
    if source.kind == "base64":
        # OpenAI refuses file_data without a name.
        name = document.title or "document.pdf"
        return {"type": "file", "file": {"filename": name, "file_data": data_url(source)}}
    if source.kind == "file":
        return {"type": "file", "file": {"file_id": source.data}}
    raise UntranslatableRequest(
        "The provider takes no document by URL: send its bytes, or its text.", param=path
    )


def document_text(document: Document) -> str:
    return "\n\n".join(filter(None, (document.title, document.context, document.source.data)))


def plain_text(part: Text | Document) -> str:
    return part.text if isinstance(part, Text) else document_text(part)
