# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""Users, agents, campaigns, contacts: the tables that prove a usable restore."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    is_agente = models.BooleanField(default=False)
    is_supervisor = models.BooleanField(default=False)


class AgenteProfile(models.Model):
    user = models.OneToOneField(User, on_delete=models.CASCADE)
    sip_extension = models.IntegerField(unique=True)
    is_inactive = models.BooleanField(default=False)


class Campana(models.Model):
    nombre = models.CharField(max_length=128, unique=True)
    estado = models.PositiveIntegerField(default=1)
    type = models.PositiveIntegerField(default=1)


class Contacto(models.Model):
    campana = models.ForeignKey(Campana, null=True, on_delete=models.SET_NULL)
    telefono = models.CharField(max_length=128)
    datos = models.TextField(blank=True)
