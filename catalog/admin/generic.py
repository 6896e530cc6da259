"""Django's admin and form classes with their model for the type checker; at run time they take no parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin

from catalog.models import Product, StockMovement, Variant

if TYPE_CHECKING:
    ProductModelAdmin = admin.ModelAdmin[Product]
    VariantModelAdmin = admin.ModelAdmin[Variant]
    StockMovementModelAdmin = admin.ModelAdmin[StockMovement]
    VariantTabularInline = admin.TabularInline[Variant, Product]
    ProductModelForm = forms.ModelForm[Product]
    VariantModelForm = forms.ModelForm[Variant]
    StockMovementModelForm = forms.ModelForm[StockMovement]
else:
    ProductModelAdmin = VariantModelAdmin = StockMovementModelAdmin = admin.ModelAdmin
    VariantTabularInline = admin.TabularInline
    ProductModelForm = VariantModelForm = StockMovementModelForm = forms.ModelForm
