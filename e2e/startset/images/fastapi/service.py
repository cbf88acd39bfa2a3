"""Tides, by name of the harbour."""
from datetime import timedelta

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

app = FastAPI(title="Tides")


class Tide(BaseModel):
    harbour: str
    range_m: float = Field(ge=0)
    period: timedelta


TIDES = {"Emden": Tide(harbour="Emden", range_m=3.2, period=timedelta(hours=12, minutes=25))}


@app.get("/tides/{harbour}")
async def tide(harbour: str) -> Tide:
    if harbour not in TIDES:
        raise HTTPException(404, "no such harbour")
    return TIDES[harbour]
