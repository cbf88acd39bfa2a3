"""What the shop answers."""
from flask import Blueprint, abort, render_template

from . import harbours

pages = Blueprint("pages", __name__)


@pages.get("/harbours/<int:number>")
def harbour(number):
    if not 0 <= number < len(harbours.HARBOURS):
        abort(404)
    return render_template("harbour.html", harbour=harbours.HARBOURS[number])
