"""Replicate's predictions: work that is submitted, asked after and streamed."""

from __future__ import annotations

from quorate.wire.seam import Wire

from .codec import ReplicateCodec
from .fields import NAME
from .images import ImagesCodec
from .models import ModelsCodec

REPLICATE = Wire(name=NAME, codec=ReplicateCodec(), work={"images": ImagesCodec(), "models": ModelsCodec()})

__all__ = ["REPLICATE"]
