from django.shortcuts import render


def ships(request):
    return render(request, "ships.html", {"ships": ["Gesine", "Anna"]})
