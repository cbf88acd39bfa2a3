"""The stock."""
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Harbour:
    name: str
    due: Decimal


HARBOURS = [Harbour("Emden", Decimal("12.50")), Harbour("Brake", Decimal("9.80")), Harbour("Wismar", Decimal("11.00"))]
