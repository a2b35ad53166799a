"""The only URL table, grouped by noun; every route is named."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from .views import accounts, audit, errors, people, purges

urlpatterns = [
    # accounts
    path("accounts/login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("accounts/password/", accounts.password_change, name="password_change"),
    # people
    path("people/hand-over/", people.hand_over, name="hand_over"),
    # purges
    path("purges/", purges.purges, name="purges"),
    path("purges/request/<str:kind>/<int:pk>/", purges.request_purge, name="purge_request"),
    path("purges/<int:pk>/confirm/", purges.confirm, name="purge_confirm"),
    path("purges/<int:pk>/refuse/", purges.refuse, name="purge_refuse"),
    # audit
    path("audit/", audit.audit, name="audit"),
    # the house
    path("help/", errors.help_page, name="help"),
    path("healthz", errors.healthz, name="healthz"),
    path("admin/", admin.site.urls),
]

handler400 = "rectify.views.errors.bad_request"
