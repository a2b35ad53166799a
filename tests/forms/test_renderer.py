"""Widgets drawn in Python are the same, letter by letter, as those of Django's templates."""

from __future__ import annotations

from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from rectify.forms.renderer import DrawnWidgets

ODD = """<b title="x">'&"</b>\n二"""
CHOICES = [("", "未定"), ("a", ODD), (ODD, "乙"), (3, "三"), (ODD, [("c", "丙"), ("d", ODD)])]
ATTRS = {
    "id": "id_x",
    "class": ODD,
    "required": True,
    "disabled": False,
    "data-n": 1200,
    "title": mark_safe("&lt;"),
}
WIDGETS = (
    *(
        forms.TextInput,
        forms.NumberInput,
        forms.EmailInput,
        forms.PasswordInput,
        forms.DateInput,
        forms.FileInput,
    ),
    *(forms.HiddenInput, forms.CheckboxInput, forms.Textarea),
    *(forms.DateTimeInput, forms.ClearableFileInput),  # left to Django
)
CHOOSING = (forms.Select, forms.SelectMultiple, forms.RadioSelect, forms.CheckboxSelectMultiple)


def test_each_widget_is_drawn_as_by_its_template() -> None:
    drawn, django = DrawnWidgets(), DjangoTemplates()
    widgets = [kind(attrs) for kind in WIDGETS for attrs in (ATTRS, None)]
    widgets += [kind(attrs, CHOICES) for kind in CHOOSING for attrs in (ATTRS, {"id": None}, None)]
    for widget in widgets:
        for value in (None, "", ODD, "a", 3, 1234567, True, [ODD, "d"], mark_safe("<i>")):
            args = ("n<", value, {"aria-invalid": "true"})
            assert widget.render(*args, renderer=drawn) == widget.render(*args, renderer=django), (
                widget,
                value,
            )
    assert isinstance(forms.TextInput().render("a", "b", renderer=drawn), type(mark_safe("")))
