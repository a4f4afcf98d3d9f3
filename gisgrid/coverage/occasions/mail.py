"""Reports by mail: each mailbox gets those of an occasion once, which is noted beside the files."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from gisgrid.coverage.occasions.make import MEDIA_TYPES, Asked
from gisgrid.notices.sending import NotSent, post
from gisgrid.parse import listed
from gisgrid.settings import Settings

MAILED: Final = ".mailed"
"""How the name of the file ends in which it is noted who got the mail."""


def mail_to(settings: Settings, asked: Asked, files: Sequence[Path]) -> list[str]:
    """Mail files to those of the settings who have not had them; return whom. Raises NotSent, after all were tried."""
    stem = asked.file_name(settings, "pdf").removesuffix(".pdf")
    note = files[0].with_name(f".{stem}{MAILED}")
    had = set(note.read_text("utf-8").split()) if note.exists() else set()
    mailed: list[str] = []
    failed: list[NotSent] = []
    for mailbox in listed(settings.report_to):
        if mailbox in had:
            continue
        try:
            post(settings, letter(settings, asked, files, mailbox))
        except NotSent as error:
            failed.append(error)
        else:
            mailed.append(mailbox)
            with note.open("a", encoding="utf-8") as noted:
                noted.write(mailbox + "\n")
    if failed:
        raise failed[0]
    return mailed


def letter(settings: Settings, asked: Asked, files: Sequence[Path], mailbox: str) -> EmailMessage:
    """Return the mail with the files of an occasion; it has the same id whenever it is sent again."""
    zh, en = asked.occasion.called
    told = asked.period(settings).told(settings.zone)
    made = EmailMessage(policy=SMTP)
    made["Subject"] = f"网格巡查{zh} {told} / {en}"
    made["From"], made["To"] = settings.mail_from, mailbox
    made["Date"] = format_datetime(datetime.now(UTC))
    name = sha256(f"{files[0].stem} {mailbox}".encode()).hexdigest()[:32]
    made["Message-ID"] = f"<report-{name}@{settings.mail_from.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(f"{zh},时段 {told},见附件。\n\n{en}, {told}: see the attachments.\n", cte="base64")
    for file in files:
        kind, _, subtype = MEDIA_TYPES[FORMS[file.suffix]].partition(";")[0].partition("/")
        made.add_attachment(file.read_bytes(), maintype=kind, subtype=subtype, filename=file.name)
    return made


FORMS: Final = {f".{form}": form for form in MEDIA_TYPES}
