"""Which permission each route asks for, on one page. An application with a route that is not here does not start."""

from collections.abc import Iterable
from typing import Final, Literal

from fastapi import APIRouter
from fastapi.routing import APIRoute

from gisgrid.staff.roles import Permission

Need = Permission | tuple[Permission, ...] | Literal["open", "person"]
"""`open`: anybody. `person`: whoever is signed in, whatever their roles. Of several permissions any lets in, and the
first says what is then seen of others."""

ACCESS: Final[dict[str, Need]] = {
    # whoever watches the service, and what a browser needs before anybody is signed in
    "GET /healthz": "open",
    "HEAD /healthz": "open",
    "GET /readyz": "open",
    "HEAD /readyz": "open",
    "GET /static/{path:path}": "open",
    "GET /favicon.ico": "open",
    "GET /map.js": "open",
    "GET /docs": "open",
    "GET /openapi.json": "open",
    "GET /install": "open",
    "GET /install/{file}": "open",
    # coming in and going out
    "GET /sign-in": "open",
    "POST /sign-in": "open",
    "GET /sign-in/oidc": "open",
    "GET /sign-in/oidc/back": "open",
    "GET /enter": "open",
    "POST /enter": "open",
    "POST /sign-out": "open",
    "POST /language": "open",
    "POST /demonstration": "person",
    "GET /device": "open",
    "POST /device/enrol": "open",
    "POST /device/sign-on": "open",
    "POST /device/sign-off": "open",
    "GET /patrol": "open",
    "GET /patrol/worker.js": "open",
    # one's own pages
    "GET /me": "person",
    "GET /me/track": "person",
    "POST /me/consents/{covers}": "person",
    "POST /me/consents/{covers}/withdraw": "person",
    "POST /me/objections": "person",
    "GET /me/password": "person",
    "POST /me/password": "person",
    "POST /me/pin": "person",
    "POST /me/keys": "person",
    "POST /me/keys/{token_id}/revoke": "person",
    "POST /me/sign-out": "person",
    "POST /me/export": "person",
    # what patrollers contest
    "GET /objections": "tracks",
    "POST /objections/{objection_id}/reply": "tracks",
    # rounds, gaps and plans
    "GET /rounds": "tracks",
    "GET /rounds/gaps": "tracks",
    "POST /rounds/gaps/{gap_id}/close": "plan",
    "GET /rounds/plans": "tracks",
    "GET /rounds/plans/{plan_id}": "tracks",
    "POST /rounds/plans": "plan",
    "POST /rounds/plans/{plan_id}/end": "plan",
    "GET /rounds/checkpoints": "tracks",
    # what is doubtful, and who is on duty now
    "GET /doubts": "tracks",
    "GET /doubts/unread": "tracks",
    "POST /doubts/{fix_id}/release": "tracks",
    "POST /doubts/{fix_id}/withdraw": "tracks",
    "POST /doubts/{fix_id}/notes": "tracks",
    "GET /live": "tracks",
    "GET /alarms": "tracks",
    "POST /alarms/{alarm_id}/acknowledge": "tracks",
    # administration
    "GET /admin": "manage",
    "GET /admin/people": "manage",
    "POST /admin/people": "manage",
    "GET /admin/people/{person_id}": "manage",
    "POST /admin/people/{person_id}": "manage",
    "POST /admin/people/{person_id}/active": "manage",
    "POST /admin/people/{person_id}/roles": "manage",
    "POST /admin/people/{person_id}/roles/{appointment_id}/withdraw": "manage",
    "POST /admin/people/{person_id}/link": "manage",
    "POST /admin/people/{person_id}/pin": "manage",
    "GET /admin/devices": "manage",
    "POST /admin/devices": "manage",
    "POST /admin/devices/{token_id}/revoke": "manage",
    "GET /admin/names": "manage",
    "POST /admin/names/roles/{code}": "manage",
    "POST /admin/names/departments": "manage",
    "POST /admin/names/departments/{code}": "manage",
    # the audit
    "GET /audit": "audit",
    "GET /audit/chain": "audit",
    # the ground
    "GET /": "grid",
    "HEAD /": "grid",
    "GET /api/grid/locate": "grid",
    "GET /api/grid/cells": "grid",
    "GET /api/grid/cells/{code}": "grid",
    "GET /api/checkpoints": "grid",
    "POST /api/checkpoints": "plan",
    "PUT /api/checkpoints/{code}": "plan",
    "DELETE /api/checkpoints/{code}": "plan",
    "GET /api/checkpoints/{code}/code": "plan",
    # patrols
    "POST /api/check-ins": ("check_in", "bring_in"),
    "GET /api/check-ins": ("tracks", "check_in"),
    "POST /api/shifts": "check_in",
    "POST /api/shifts/end": "check_in",
    "GET /api/shifts/current": "check_in",
    "GET /api/duty": "check_in",
    "POST /api/alarms": "check_in",
    "GET /api/alarms": "tracks",
    "GET /api/alarms/{alarm_id}": ("tracks", "check_in"),
    "POST /api/alarms/{alarm_id}/acknowledge": "tracks",
    "GET /api/notice": "open",
    "GET /api/me/consents": "person",
    "POST /api/me/consents": "person",
    "DELETE /api/me/consents/{covers}": "person",
    "GET /api/me/objections": "person",
    "POST /api/me/objections": "person",
    "GET /api/me/readers": "person",
    "GET /api/doubts": "tracks",
    "POST /api/fixes/{fix_id}/release": "tracks",
    "DELETE /api/fixes/{fix_id}/release": "tracks",
    "POST /api/fixes/{fix_id}/notes": "tracks",
    "GET /api/unread": "tracks",
    "GET /api/live": ("tracks", "coverage"),
    "GET /api/live/now": ("tracks", "coverage"),
    "GET /api/objections": "tracks",
    "POST /api/objections/{objection_id}/reply": "tracks",
    "GET /api/plans": "tracks",
    "POST /api/plans": "plan",
    "GET /api/plans/{plan_id}": "tracks",
    "PUT /api/plans/{plan_id}": "plan",
    "DELETE /api/plans/{plan_id}": "plan",
    "GET /api/plans/{plan_id}/report": "tracks",
    "GET /api/rounds": "tracks",
    "GET /api/me/rounds": "check_in",
    "GET /api/gaps": "tracks",
    "POST /api/gaps/{gap_id}/close": "plan",
    # incidents
    "POST /api/incidents": "report",
    "GET /api/incidents": "incidents",
    "GET /api/incidents/{identifier}": "incidents",
    "GET /api/incidents/{identifier}/handlers": "incidents",
    "POST /api/incidents/{identifier}/handlers": "incidents",
    "DELETE /api/incidents/{identifier}/handlers/{person}": "incidents",
    "GET /api/incident-kinds": "grid",
    # figures
    "GET /api/coverage": "coverage",
}


class Unlisted(AssertionError):
    """A route without an entry in ACCESS, or an entry without a route: a mistake in the program."""


def require_listed(routers: Iterable[APIRouter]) -> None:
    """Check that ACCESS lists the routes, each of them and no other. Raises Unlisted."""
    there = {key for router in routers for route in router.routes for key in _keys(route)}
    if there != set(ACCESS):
        raise Unlisted(f"not in ACCESS: {sorted(there - set(ACCESS))}; not a route: {sorted(set(ACCESS) - there)}")


def _keys(route: object) -> list[str]:
    if not isinstance(route, APIRoute):
        raise Unlisted(f"no route of this kind can be guarded: {route!r}")
    return [f"{method} {route.path}" for method in route.methods or ()]
