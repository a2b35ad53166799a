"""The only URL table, grouped by noun; every route is named."""

urlpatterns: list = []
