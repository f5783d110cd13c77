"""The mapped classes, one file per aggregate. They are the model; there is no layer above them."""

from registry.models.base import Base, Revised, Revision
from registry.models.cameras import Camera, Credential, Delivery, Device, Feed, Recorder, System
from registry.models.care import Assignment, Contact, Contract, Contractor, Program
from registry.models.changes import LoggedChange
from registry.models.observed import (
    DeliveryInterval,
    DeliveryStatus,
    DeviceContact,
    Event,
    FeedInterval,
    FeedStatus,
    Heartbeat,
    Outage,
)
from registry.models.people import Account, ApiToken, AuditEntry, WebSession
from registry.models.places import Area, Center, Site, Vantage
from registry.models.transfer import ImportMapping

__all__ = [
    "Account",
    "ApiToken",
    "Area",
    "Assignment",
    "AuditEntry",
    "Base",
    "Camera",
    "Center",
    "Contact",
    "Contract",
    "Contractor",
    "Credential",
    "Delivery",
    "DeliveryInterval",
    "DeliveryStatus",
    "Device",
    "DeviceContact",
    "Event",
    "Feed",
    "FeedInterval",
    "FeedStatus",
    "Heartbeat",
    "ImportMapping",
    "LoggedChange",
    "Outage",
    "Program",
    "Recorder",
    "Revised",
    "Revision",
    "Site",
    "System",
    "Vantage",
    "WebSession",
]
