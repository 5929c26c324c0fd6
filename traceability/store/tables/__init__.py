"""Every table, one file a noun. A class here says what a row holds; what may happen to it is said by the acts."""

from sqlalchemy.orm import configure_mappers
from sqlmodel import SQLModel

from traceability.store.tables.access import Login, Scan, Viewing
from traceability.store.tables.administrations import Administration, AdministrationVial, Correction, Observation
from traceability.store.tables.alarms import Alarm, AlarmContact, DeviceKey, Outgoing
from traceability.store.tables.audit import AuditReview, Evidence
from traceability.store.tables.casework import (
    Action,
    CaseDisposition,
    CaseFile,
    CaseInjection,
    CaseLot,
    CaseReply,
    CaseStep,
    Investigation,
    MaterialResult,
)
from traceability.store.tables.clocks import HouseClock
from traceability.store.tables.coldchain import (
    AlarmRule,
    Assignment,
    Block,
    Calibration,
    DailyExtreme,
    Disposition,
    Excursion,
    ManualReading,
    Sensor,
    SensorFile,
    Watch,
)
from traceability.store.tables.consents import ConsentForm
from traceability.store.tables.consignments import Consignment, Handover, Line
from traceability.store.tables.documents import Attachment, Document
from traceability.store.tables.duty import EmergencyIssue, Shift
from traceability.store.tables.endings import Reconciliation, Removal
from traceability.store.tables.harm import EventAssessment, EventReport
from traceability.store.tables.images import Image
from traceability.store.tables.ledger import Entry, FreeText, Mention, Signature
from traceability.store.tables.lots import (
    Ancestry,
    Certification,
    Consignee,
    ExpiryStatement,
    Lot,
    LotAncestor,
    Material,
)
from traceability.store.tables.organisations import AssumedBand, Organisation, Place, Site
from traceability.store.tables.outcomes import Adjudication, AdverseEvent, FormLink, Reading, Score, ScoreForm
from traceability.store.tables.people import GrantRow, Password, Person
from traceability.store.tables.products import (
    BudgetBand,
    Credential,
    Product,
    ProductVersion,
    Specification,
    Suspension,
)
from traceability.store.tables.protocols import ProtocolVersion, Visit
from traceability.store.tables.quality import (
    Case,
    Conclusion,
    Hold,
    Recall,
    Release,
    ReleasedVial,
    Result,
    Scope,
)
from traceability.store.tables.recalls import RecallCheck, RecallNotice, Retrieval, SubjectContact
from traceability.store.tables.row import Row
from traceability.store.tables.stocktakes import Stocktake, StocktakeLine
from traceability.store.tables.subjects import (
    Consent,
    Course,
    Dose,
    Identity,
    Opening,
    Order,
    Reservation,
    Start,
    Subject,
    SubjectMerge,
)
from traceability.store.tables.training import AccessReview, Training, TrainingNeed
from traceability.store.tables.vials import Alias, LabelPrint, Stay, Thaw, Vial

metadata = SQLModel.metadata
configure_mappers()  # rows are made without the event at which SQLAlchemy would do it

BESIDE = (Login.__tablename__, Outgoing.__tablename__, Scan.__tablename__, Viewing.__tablename__)
"""Tables beside the record: sessions, scans, what inspectors looked at, and what waits to be sent. Acts alone write the rest."""

GUARDED: dict[str, type[Row]] = {
    row.__tablename__: row  # type: ignore[misc]
    for row in (
        Adjudication, Administration, AdministrationVial, AdverseEvent, Alarm, AlarmContact, AlarmRule, Alias, AuditReview, Evidence,
        Ancestry, Assignment, AssumedBand, Attachment, Block, BudgetBand, Calibration, Case, Certification, Consent, Consignee,
        Consignment, Course, Credential, DailyExtreme, DeviceKey, Disposition, Document, Dose, Excursion,
        ExpiryStatement, FreeText, GrantRow, Handover, Hold, Identity, Opening, LabelPrint, Line, Lot, LotAncestor,
        ManualReading, Material, Observation, Order, Organisation, Password, Person, Place, Product, ProductVersion,
        ProtocolVersion, Recall, Release, ReleasedVial, Reservation, Result, Scope, Score, ScoreForm, Sensor, SensorFile,
        Signature, Site, Specification, Start, Stay, Stocktake, StocktakeLine, Subject, Thaw, Vial, Watch,
        # what is done about a recall, and what is taken out of stock
        RecallCheck, HouseClock, RecallNotice, Reconciliation, Removal, Retrieval, SubjectContact,
        Action, CaseDisposition, CaseLot, CaseReply, CaseStep, Investigation, Conclusion, MaterialResult, EmergencyIssue,
        Shift, CaseFile, Suspension,
        AccessReview, Training, TrainingNeed,
        Correction, CaseInjection,
        EventAssessment, EventReport, Reading, Image, FormLink,
        # what is planned ahead
        Visit,
        # who is one person, and what they sign
        SubjectMerge, ConsentForm,
    )
}  # fmt: skip

__all__ = [
    "Adjudication", "Administration", "AdministrationVial", "AdverseEvent", "Alarm", "AlarmContact", "AlarmRule",
    "Alias", "Ancestry", "Assignment", "AssumedBand", "Attachment", "AuditReview", "BESIDE", "Block", "BudgetBand", "Calibration", "Case",
    "Certification", "Consent", "Consignee", "Consignment", "Course", "Credential", "DailyExtreme", "DeviceKey",
    "Disposition", "Document", "Dose", "Entry", "Evidence", "Excursion", "ExpiryStatement", "FreeText", "GUARDED", "GrantRow",
    "Handover", "Hold", "Identity", "Opening", "LabelPrint", "Line", "Login", "Lot", "LotAncestor", "ManualReading", "Material",
    "Mention", "Observation", "Order", "Organisation", "Outgoing", "Password", "Person", "Place", "Product",
    "ProductVersion", "ProtocolVersion", "Recall", "Release", "ReleasedVial", "Reservation", "Result", "Row", "Scan",
    "Scope", "Score", "ScoreForm",
    "Sensor", "SensorFile", "Signature", "Site", "Specification", "Start", "Stay", "Stocktake", "StocktakeLine",
    "Subject", "Suspension", "Thaw", "Vial", "Viewing", "Watch", "metadata",
    "HouseClock", "RecallCheck", "RecallNotice", "Reconciliation", "Removal", "Retrieval", "SubjectContact",
    "Action", "CaseDisposition", "CaseLot", "CaseReply", "CaseStep", "Investigation", "Conclusion", "MaterialResult",
    "EmergencyIssue", "Shift", "CaseFile",
    "AccessReview", "Training", "TrainingNeed",
    "Correction", "CaseInjection",
    "EventAssessment", "EventReport", "Reading", "Image", "FormLink",
    "Visit",
    "SubjectMerge", "ConsentForm",
]  # fmt: skip
