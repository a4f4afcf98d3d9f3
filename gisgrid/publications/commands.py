"""Notices on the command line: the endpoints that hear of things, and what became of what they were told.

Here and not beside the notices, which know nothing of the cells that an endpoint may be for.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from gisgrid.migrations import open_session
from gisgrid.notices.deliver import letter_of
from gisgrid.notices.deliveries import Listed, State, counted, deliveries, retry
from gisgrid.notices.endpoints import Wish, add_endpoint, endpoint_called, endpoints, retire_endpoint, where_to
from gisgrid.notices.outbox import TOPICS, recipients
from gisgrid.notices.sending import send
from gisgrid.notices.tables import Template, Told
from gisgrid.settings import Settings, read_settings
from gisgrid.staff.appointments import require_cell

commands = typer.Typer(name="notices", help="对外通知 / notices to the outside", no_args_is_help=True)
endpoint = typer.Typer(name="endpoint", help="接收端 / endpoints", no_args_is_help=True)
commands.add_typer(endpoint)

Name = Annotated[str, typer.Argument(help="接收端名称 / name of the endpoint")]
STATES: dict[State, str] = {
    "waiting": "待发 waiting",
    "delivered": "已送达 delivered",
    "given_up": "已放弃 given up",
}


@commands.callback()
def notices() -> None:
    """对外通知:邮件、网络钩子、企业微信、短信 / notices by mail, webhook, 企业微信 and text message."""


@endpoint.callback()
def endpoint_group() -> None:
    """接收端 / endpoints."""


@endpoint.command("add")
def add_command(
    name: Name,
    address: Annotated[str, typer.Argument(help="https://… 或邮箱 / https://… or a mailbox")],
    template: Annotated[Template, typer.Option(help="报文模板 / form of what is sent")] = "plain",
    topic: Annotated[
        list[str] | None, typer.Option(help=f"通知种类,可多次,不写即全部 / topics, all by default: {', '.join(TOPICS)}")
    ] = None,
    cell: Annotated[
        str | None, typer.Option(help="只要该网格及其下级的 / of this cell and below it alone", metavar="CODE")
    ] = None,
    phone: Annotated[list[str] | None, typer.Option(help="短信的手机号,可多次 / telephones, for sms")] = None,
    body: Annotated[
        Path | None,
        typer.Option(help="短信网关的正文模板文件,含 {phone} {words} / file with what the gateway is sent, for sms"),
    ] = None,
) -> None:
    """添加接收端;网络钩子的签名密钥只显示这一次 / add one; the secret of a webhook is shown this once."""
    settings = read_settings()
    written = "" if body is None else body.read_text(encoding="utf-8").strip()
    wish = Wish(name, address, template, tuple(topic or ()), cell, tuple(phone or ()), written)
    with open_session(settings.database_url, write=True) as session:
        if cell is not None:
            require_cell(session, cell)
        made = add_endpoint(session, settings, wish)
    typer.echo(f"已添加 / added: {made.name}\t{where_to(made)}")
    if made.address.startswith("http://"):
        typer.echo("注意:http:// 不加密 / note: http:// is not encrypted", err=True)
    if made.secret and made.template == "plain":
        typer.echo(f"签名密钥,以后不再显示 / secret of the signatures, not shown again: {made.secret}")


@endpoint.command("list")
def endpoints_command() -> None:
    """列出接收端 / list the endpoints."""
    settings = read_settings()
    with open_session(settings.database_url) as session:
        for each in endpoints(session):
            topics = "全部 all" if set(each.topics) >= set(TOPICS) else ", ".join(each.topics)
            words = (
                each.name,
                each.channel,
                each.template,
                where_to(each),
                each.cell_code or "全部 everywhere",
                topics,
            )
            typer.echo("\t".join(words))
    _tell_mail(settings)


@endpoint.command("retire")
def retire_command(name: Name) -> None:
    """停用接收端;未送达的通知即放弃 / retire an endpoint; what still waits for it is given up."""
    with open_session(read_settings().database_url, write=True) as session:
        retire_endpoint(session, name)
    typer.echo(f"已停用 / retired: {name}")


@commands.command("list")
def list_command(
    is_failed: Annotated[
        bool, typer.Option("--failed", help="只列发送失败的,含已放弃的 / those alone that failed, given up or not")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="最多列出几条 / how many at most")] = 50,
) -> None:
    """列出通知的发送情况,新的在前 / list what became of notices, the newest first."""
    settings = read_settings()
    with open_session(settings.database_url) as session:
        found, counts = deliveries(session, limit, is_failed=is_failed), counted(session)
    for each in found:
        typer.echo(_line(each, settings))
    typer.echo(" · ".join(f"{STATES[state]} {count}" for state, count in counts.items()), err=True)
    _tell_mail(settings)


def _line(listed: Listed, settings: Settings) -> str:
    made = f"{listed.made_at.astimezone(settings.zone):%Y-%m-%d %H:%M:%S}"
    tried = f"×{listed.attempts}"
    words = (str(listed.id), made, listed.topic, listed.subject, listed.endpoint or "–", STATES[listed.state], tried)
    return "\t".join([*words, listed.last_error]).rstrip()


def _tell_mail(settings: Settings) -> None:
    if settings.mail_server is None:
        told = "没有配置发信服务器(GISGRID_SMTP_URL),不发邮件 / no server for mails is set up: none are sent"
        typer.echo(told, err=True)


@commands.command("retry")
def retry_command(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="编号,不写即全部已放弃的 / numbers; all that were given up by default")
    ] = None,
) -> None:
    """重发已放弃的通知 / send again what was given up."""
    with open_session(read_settings().database_url, write=True) as session:
        count = retry(session, numbers or ())
    typer.echo(f"已重新排队 / put in again: {count}")


@commands.command("try")
def try_command(name: Name) -> None:
    """立即发一条测试通知 / send a trial to an endpoint at once."""
    settings = read_settings()
    with open_session(settings.database_url) as session:
        its = endpoint_called(session, name)
    words = ("网格巡查:测试通知", "收到即表示接收端可用", "Grid patrol: a trial", "the endpoint works if this arrives")
    subject_zh, words_zh, subject_en, words_en = words
    told = Told(
        topic="trial", subject_zh=subject_zh, words_zh=words_zh, subject_en=subject_en, words_en=words_en, link="/"
    )
    told.made_at = datetime.now(UTC)
    for each in recipients(its):
        send(settings, letter_of(settings, told, uuid4().hex), each.channel, each.address, its)
    typer.echo(f"已送达 / delivered: {name}")
