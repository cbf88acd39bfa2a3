"""Says which lock is open."""
from aiohttp import web


async def lock(request):
    return web.json_response({"lock": "sea", "open": True})


if __name__ == "__main__":
    app = web.Application()
    app.router.add_get("/", lock)
    web.run_app(app, port=8080)
