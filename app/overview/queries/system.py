"""Printed documents and scheduled jobs."""

from __future__ import annotations

from sqlalchemy import select

from app.core.db import db
from app.core.models import IssuedDocument, JobRun


def document_by_token(token: str) -> IssuedDocument | None:
    """The printed document behind a QR code."""
    return db.session.scalars(select(IssuedDocument).where(IssuedDocument.token == token)).one_or_none()


def job_runs(limit: int = 60) -> list[JobRun]:
    """The latest runs of scheduled jobs."""
    return list(db.session.scalars(select(JobRun).order_by(JobRun.id.desc()).limit(limit)))
