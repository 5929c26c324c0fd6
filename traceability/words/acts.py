"""What an act is called, what its button says, what is said when it is done; and what one says by signing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from traceability.words.said import N_, Text, pgettext


class ActWords(NamedTuple):
    """As tables have them, still to be translated; as `act_words` gives them, in the reader's language.

    `signed`: when it is signed, of an act that is signed only where something goes free by it.
    """

    title: Text
    button: Text
    done: Text
    signed: Text = ""


ACT_WORDS: Mapping[str, ActWords] = {
    # the installation and its people
    "system.migrate": ActWords(
        N_("Migrate the database"), pgettext("button", "Migrate"), N_("The database is migrated.")
    ),
    "scan_log.seal": ActWords(
        N_("Seal a day of the scan log"), pgettext("button", "Seal the day"), N_("The day is sealed.")
    ),
    "viewing_log.seal": ActWords(
        N_("Seal a day of what inspectors looked at"), pgettext("button", "Seal the day"), N_("The day is sealed.")
    ),
    "identity.rekey": ActWords(
        N_("Keep identities under a new key"),
        pgettext("button", "Keep under the new key"),
        N_("These identities stand under the new key."),
    ),
    "organisation.register": ActWords(
        N_("Register an organisation"), pgettext("button", "Register"), N_("The organisation is registered.")
    ),
    "organisation.confirm_clock": ActWords(
        N_("Confirm that the clock had run ahead and is right now"),
        pgettext("button", "Confirm, and go on"),
        N_("It is confirmed. Acts are recorded by the clock as it is now."),
    ),
    "site.open": ActWords(N_("Open a site"), pgettext("button", "Open the site"), N_("The site is open.")),
    "place.open": ActWords(N_("Open a place"), pgettext("button", "Open the place"), N_("The place is open.")),
    "place.assume": ActWords(
        N_("Assume a temperature for a place without sensor"),
        pgettext("button", "Sign the assumption"),
        N_("The assumed temperature is on record."),
    ),
    "person.enrol": ActWords(N_("Enrol a person"), pgettext("button", "Enrol"), N_("The person is enrolled.")),
    "person.change_password": ActWords(
        N_("Change your password"), pgettext("button", "Change the password"), N_("Your password is changed.")
    ),
    "person.reset_password": ActWords(
        N_("Reset a password"),
        pgettext("button", "Reset the password"),
        N_("The password is reset. It has to be changed at sign-in."),
    ),
    "person.confirm": ActWords(
        N_("Confirm that a password is its owner’s"),
        pgettext("button", "Sign, and confirm"),
        N_("It is confirmed: they chose this password themselves."),
    ),
    "device.enrol": ActWords(
        N_("Enrol a device"), pgettext("button", "Enrol the device"), N_("The device is enrolled.")
    ),
    "device.revoke": ActWords(
        N_("Revoke a device"), pgettext("button", "Revoke the device"), N_("Its key opens nothing any more.")
    ),
    "grant.give": ActWords(N_("Give a role"), pgettext("button", "Give the role"), N_("The role is given.")),
    "grant.hand_over": ActWords(
        N_("Have somebody stand in for you"),
        pgettext("button", "Sign, and hand it over"),
        N_("They hold the role for that time. It ends by itself."),
    ),
    "grant.take_back": ActWords(
        N_("Take a role back that was handed over"),
        pgettext("button", "Take it back"),
        N_("Nobody stands in any more."),
    ),
    "grant.review": ActWords(
        N_("Review who may do what"), pgettext("button", "Sign the review"), N_("The review is signed.")
    ),
    "training.record": ActWords(
        N_("Record a training"), pgettext("button", "Record the training"), N_("The training is on record.")
    ),
    "training.void": ActWords(
        N_("Take a training back"),
        pgettext("button", "Sign, and take it back"),
        N_("The training counts for nothing any more."),
    ),
    "training_need.set": ActWords(
        N_("Ask a role for training"),
        pgettext("button", "Sign, and ask for it"),
        N_("From now on this role asks for this training."),
    ),
    "training_need.end": ActWords(
        N_("Ask a role for a training no more"),
        pgettext("button", "Sign, and ask no more"),
        N_("The role is open without this training."),
    ),
    "shift.plan": ActWords(
        N_("Say who is on call"), pgettext("button", "Plan the shift"), N_("The shift is on the list.")
    ),
    "shift.end": ActWords(
        N_("Take a shift off the list"), pgettext("button", "Take it off"), N_("The shift is off the list.")
    ),
    "grant.end": ActWords(N_("End a role"), pgettext("button", "End the role"), N_("The role has ended.")),
    # the maker: what is made, of what, under which papers
    "credential.record": ActWords(
        N_("Record a certificate or licence"),
        pgettext("button", "Record it"),
        N_("The certificate or licence is on record."),
    ),
    "credential.suspend": ActWords(
        N_("Suspend a certificate or licence"),
        pgettext("button", "Suspend it"),
        N_("The certificate or licence is suspended."),
    ),
    "credential.lift": ActWords(
        N_("Lift the suspension of a certificate or licence"),
        pgettext("button", "Sign, and lift it"),
        N_("It counts again. What was made meanwhile stays uncovered; its holds are lifted one by one."),
    ),
    "product.register": ActWords(
        N_("Register a product"), pgettext("button", "Register the product"), N_("The product is registered.")
    ),
    "product.revise": ActWords(
        N_("Set the limits of a product"),
        pgettext("button", "Set the limits"),
        N_("A new version of the product is on record."),
    ),
    "product.add_band": ActWords(
        N_("Limit the time beyond a temperature"),
        pgettext("button", "Sign the limit"),
        N_("The limit is on record."),
    ),
    "material.record": ActWords(
        N_("Record a donor, bank, harvest or reagent"),
        pgettext("button", "Record the material"),
        N_("The material is on record."),
    ),
    "lot.announce": ActWords(
        N_("Announce a lot"), pgettext("button", "Announce the lot"), N_("The lot is announced, with its vials.")
    ),
    "label.print": ActWords(
        N_("Print the labels of a lot or a consignment"),
        pgettext("button", "Print labels"),
        N_("The labels are printed. Scan each back on its vial."),
    ),
    "label.reprint": ActWords(
        N_("Print labels again"),
        pgettext("button", "Print again"),
        N_("The labels are printed again. Scan each back on its vial."),
    ),
    "label.spoil": ActWords(
        N_("Say that labels are spoiled"),
        pgettext("button", "Spoiled, print again"),
        N_("The labels are noted as spoiled and printed again. Destroy them; scan each new one back on its vial."),
    ),
    "label.scan_back": ActWords(
        N_("Scan a label back on its vial"), pgettext("button", "Scan back"), N_("The label agrees with the record.")
    ),
    "lot.certify": ActWords(N_("Certify the lot"), pgettext("button", "Sign and certify"), N_("The lot is certified.")),
    "lot.transcribe": ActWords(
        N_("Transcribe the maker’s certificate"),
        pgettext("button", "Both sign, and transcribe"),
        N_("The certificate is transcribed; the record says so."),
    ),
    "lot.decline": ActWords(N_("Decline the lot"), pgettext("button", "Sign and decline"), N_("The lot is declined.")),
    "lot.restate_expiry": ActWords(
        N_("State the expiry date anew"),
        pgettext("button", "Sign the date"),
        N_("The new date counts. Vials with an older label ask QA until they carry a new one."),
    ),
    "lot.transcribe_expiry": ActWords(
        N_("Transcribe another expiry date of the maker"),
        pgettext("button", "Both sign the date"),
        N_("The date is transcribed and counts. Vials with an older label ask QA until they carry a new one."),
    ),
    "lot.attach": ActWords(N_("Attach a file to the lot"), pgettext("button", "Attach"), N_("The file is attached.")),
    # the way to the hospital
    "consignment.ship": ActWords(N_("Ship vials"), pgettext("button", "Ship"), N_("The vials are on their way.")),
    "consignment.arrive": ActWords(
        N_("Take a consignment over"),
        pgettext("button", "Both sign, and take over"),
        N_("The consignment has arrived. Count it now."),
    ),
    "consignment.count": ActWords(N_("Count a vial"), pgettext("button", "Count"), N_("The vial is counted.")),
    "consignment.check_in": ActWords(
        N_("Finish the count"),
        pgettext("button", "Finish the count"),
        N_("The count is finished. Put the whole vials away."),
    ),
    "consignment.turn_away": ActWords(
        N_("Turn a consignment away"),
        pgettext("button", "Turn it away"),
        N_("The consignment goes back with everything in it."),
    ),
    "consignment.give_up": ActWords(
        N_("Give a box up as lost in transit"),
        pgettext("button", "Both sign: it is lost"),
        N_("The box is given up. Its vials are missing, and a case is open."),
    ),
    "consignment.close": ActWords(
        N_("Close a consignment"), pgettext("button", "Close it"), N_("The consignment is closed.")
    ),
    "consignment.attach_log": ActWords(
        N_("Attach the shipment’s logger file"),
        pgettext("button", "Attach and judge"),
        N_("The file is attached and judged."),
    ),
    # where a vial is
    "vial.put_away": ActWords(N_("Put a vial away"), pgettext("button", "Put away"), N_("The vial is in stock.")),
    "vial.move": ActWords(
        N_("Record that a vial was moved"), pgettext("button", "Record the move"), N_("The move is on record.")
    ),
    "vial.add_alias": ActWords(
        N_("Keep a code of BPOM with its vial"),
        pgettext("button", "Keep the code"),
        N_("The code is kept. It finds this vial from now on."),
    ),
    "vial.report_broken": ActWords(
        N_("Report a broken vial"),
        pgettext("button", "Report it broken"),
        N_("The vial is recorded as broken and discarded."),
    ),
    "vial.report_lost": ActWords(
        N_("Report a missing vial"),
        pgettext("button", "Report it missing"),
        N_("The vial is recorded as missing; a case is open."),
    ),
    "vial.report_found": ActWords(
        N_("Report a vial that was found"), pgettext("button", "Report it found"), N_("The vial is in stock again.")
    ),
    "vial.discard": ActWords(N_("Discard a vial"), pgettext("button", "Discard"), N_("The vial is discarded.")),
    "vial.reserve": ActWords(
        N_("Keep a vial for a dose"), pgettext("button", "Keep it"), N_("The vial is kept for the dose.")
    ),
    "vial.unreserve": ActWords(
        N_("Let a kept vial go"), pgettext("button", "Let it go"), N_("The vial is in stock again, kept for nobody.")
    ),
    "vial.thaw": ActWords(
        N_("Start thawing a vial"), pgettext("button", "Start thawing"), N_("Thawing has begun; its clock runs.")
    ),
    "vial.issue": ActWords(N_("Issue a vial to the bedside"), pgettext("button", "Issue"), N_("The vial is issued.")),
    "vial.issue_in_emergency": ActWords(
        N_("Record that a vial was handed out without QA"),
        pgettext("button", "Both sign, and record"),
        N_("It is on record. QA reviews it within 24 hours. It is no permission to give it."),
    ),
    "vial.take_back": ActWords(
        N_("Take an issued vial back"),
        pgettext("button", "Take it back"),
        N_("The vial is back in the pharmacy, to be decided on."),
    ),
    "place.move_all": ActWords(
        N_("Move everything out of a place"),
        pgettext("button", "Record the move of everything"),
        N_("The move of everything is on record."),
    ),
    "stocktake.begin": ActWords(
        N_("Count a place"),
        pgettext("button", "Begin the count"),
        N_("The count has begun."),
    ),
    "stocktake.note": ActWords(
        N_("Note a vial in a count"),
        pgettext("button", "Count"),
        N_("The vial is counted."),
    ),
    "stocktake.finish": ActWords(
        N_("Finish the count of a place"),
        pgettext("button", "Finish the count"),
        N_("The count is finished."),
    ),
    "stocktake.drop": ActWords(
        N_("Drop the count of a place"),
        pgettext("button", "Drop the count"),
        N_("The count is dropped."),
    ),
    "place.set_alarm": ActWords(
        N_("Set an alarm rule"),
        pgettext("button", "Sign the rule"),
        N_("The rule is in force for what begins from now on."),
    ),
    "place.take_preset": ActWords(
        N_("Take the alarm rules of a standard"),
        pgettext("button", "Sign the rules"),
        N_("The rules of the standard are in force for what begins from now on."),
    ),
    "place.drop_alarm": ActWords(
        N_("End an alarm rule"),
        pgettext("button", "Sign its end"),
        N_("The rule has ended. Without another, the product’s limits count, at once."),
    ),
    "place.read": ActWords(
        N_("Read a thermometer"), pgettext("button", "Record the reading"), N_("The reading is on record.")
    ),
    # what measures, and what was out of limits
    "sensor.register": ActWords(
        N_("Register a sensor or logger"), pgettext("button", "Register the sensor"), N_("The sensor is registered.")
    ),
    "sensor.calibrate": ActWords(
        N_("Record a calibration"), pgettext("button", "Record the calibration"), N_("The calibration is on record.")
    ),
    "sensor.assign": ActWords(
        N_("Hang a sensor in a place"), pgettext("button", "Hang it there"), N_("The sensor hangs there from now on.")
    ),
    "sensor.unassign": ActWords(
        N_("Take a sensor down"), pgettext("button", "Take it down"), N_("The sensor hangs nowhere.")
    ),
    "sensor.import_log": ActWords(
        N_("Read in a logger’s file"), pgettext("button", "Read it in"), N_("The file is read in and judged.")
    ),
    "sensor.read": ActWords(N_("Send readings"), pgettext("button", "Send"), N_("The readings are on record.")),
    "alarm.report_silent": ActWords(
        N_("Report a silent sensor"), pgettext("button", "Report it"), N_("The alarm is raised.")
    ),
    "alarm.report_due": ActWords(
        N_("Report what is due"), pgettext("button", "Report it"), N_("The notice is raised.")
    ),
    "alarm.report_done": ActWords(
        N_("Report that nothing is due any more"), pgettext("button", "Report it"), N_("The notice is over.")
    ),
    "alarm.acknowledge": ActWords(
        N_("Acknowledge an alarm"),
        pgettext("button", "Acknowledge"),
        N_("The alarm is acknowledged. Nobody further is told of it; of a recall until it is answered."),
    ),
    "contact.add": ActWords(
        N_("Add who is told"), pgettext("button", "Add the contact"), N_("They are told from now on.")
    ),
    "contact.choose": ActWords(
        N_("Choose what they are told of"), pgettext("button", "Choose"), N_("They are told of this from now on.")
    ),
    "contact.end": ActWords(
        N_("End a contact"), pgettext("button", "End the contact"), N_("They are told of nothing any more.")
    ),
    "excursion.close": ActWords(
        N_("Say how an excursion ended"), pgettext("button", "Sign its end"), N_("The excursion has its end on record.")
    ),
    "excursion.dispose": ActWords(
        N_("Decide on vials after an excursion"),
        pgettext("button", "Sign the decision"),
        N_("The decision on these vials is on record."),
    ),
    # quality
    "specification.issue": ActWords(
        N_("Specify a test"),
        pgettext("button", "Sign the specification"),
        N_("The specification of this test is in force."),
    ),
    "result.enter": ActWords(
        N_("Enter a result"), pgettext("button", "Enter"), N_("The result is entered. A second person reviews it.")
    ),
    "result.import_file": ActWords(
        N_("Read a laboratory’s file in"),
        pgettext("button", "Read it in"),
        N_("The results are entered. A second person reviews them."),
    ),
    "result.conclude": ActWords(
        N_("Conclude on a result outside its specification"),
        pgettext("button", "Sign the conclusion"),
        N_("It is on record which result stands. It counts when the case is closed."),
    ),
    "result.review": ActWords(
        N_("Review a result"), pgettext("button", "Sign the review"), N_("The result is reviewed.")
    ),
    "lot.review_results": ActWords(
        N_("Review results of the lot"), pgettext("button", "Sign the review"), N_("The results are reviewed.")
    ),
    "lot.release": ActWords(
        N_("Release vials of the lot"), pgettext("button", "Sign and release"), N_("The vials are released.")
    ),
    "lot.release_named": ActWords(
        N_("Release vials for a named patient"),
        pgettext("button", "Both sign, and release"),
        N_("The vials are released for this patient alone."),
    ),
    "organisation.set_release_signatures": ActWords(
        N_("Set how many people sign a release"),
        pgettext("button", "Both sign, and set it"),
        N_("From now on releases are signed so."),
    ),
    "release.void": ActWords(
        N_("Take a release back"),
        pgettext("button", "Sign and take back"),
        N_("The release is taken back. Its vials ask QA again."),
    ),
    "hold.place": ActWords(
        N_("Place a hold"), pgettext("button", "Place the hold"), N_("The hold is placed. What it covers asks QA.")
    ),
    "hold.lift": ActWords(
        N_("Lift a hold"), pgettext("button", "Sign and lift"), N_("The hold is lifted. Any other hold stands.")
    ),
    "recall.start": ActWords(
        N_("Start a recall"),
        pgettext("button", "Sign and recall"),
        N_("The recall is started. What it names may not be used anywhere."),
    ),
    "recall.withdraw": ActWords(
        N_("Withdraw a recall"), pgettext("button", "Sign and withdraw"), N_("The recall is withdrawn.")
    ),
    "recall.rehearse": ActWords(
        N_("Start a mock recall"),
        pgettext("button", "Sign and rehearse"),
        N_("The mock recall has begun, and its clock with it. No vial is stopped."),
    ),
    "recall.extend": ActWords(
        N_("Extend a recall"),
        pgettext("button", "Sign and extend"),
        N_("The recall is extended. What was added may not be used anywhere, and everybody is told anew."),
    ),
    "recall.notify": ActWords(
        N_("Send the notices that are left"), pgettext("button", "Send the notices"), N_("The notices are sent.")
    ),
    "recall.see": ActWords(
        N_("Note that the notice was seen"), pgettext("button", "We have seen it"), N_("The notice is noted as seen.")
    ),
    "recall.acknowledge": ActWords(
        N_("Answer a recall"),
        pgettext("button", "Answer"),
        N_("The answer is on record, with the count of this moment."),
    ),
    "recall.retrieve": ActWords(
        N_("Retrieve a vial of a recall"), pgettext("button", "Retrieve"), N_("The vial is accounted for.")
    ),
    "recall.document": ActWords(
        N_("Vouch in writing for vials of a recall"),
        pgettext("button", "Vouch for them"),
        N_("The vials count as documented, with what you wrote."),
    ),
    "recall.contact": ActWords(
        N_("Record that a patient was tried to be reached"),
        pgettext("button", "Record the try"),
        N_("The try is on record."),
    ),
    "recall.check": ActWords(
        N_("Record whether a recall arrived"),
        pgettext("button", "Record the check"),
        N_("The check is on record."),
    ),
    "recall.close": ActWords(
        N_("Close a recall"),
        pgettext("button", "Sign and close the recall"),
        N_("The recall is closed with its figures."),
    ),
    "recall.set_clock": ActWords(
        N_("Set a clock for recalls"),
        pgettext("button", "Sign the clock"),
        N_("The clock holds for recalls that start from then on."),
    ),
    "lot.reconcile": ActWords(
        N_("Sign the reconciliation of a lot"),
        pgettext("button", "Sign the figures"),
        N_("The figures are signed as they stood."),
    ),
    "vial.destroy": ActWords(
        N_("Destroy vials before a witness"),
        pgettext("button", "Both sign: destroyed"),
        N_("The destruction is on record."),
    ),
    "vial.sample": ActWords(
        N_("Draw vials as samples"), pgettext("button", "Record the samples"), N_("The samples are on record.")
    ),
    "vial.retain": ActWords(
        N_("Keep vials back"), pgettext("button", "Keep them back"), N_("The vials are kept back and go to no patient.")
    ),
    "vial.send_back": ActWords(
        N_("Send vials back to the maker"),
        pgettext("button", "Record that they left"),
        N_("The vials are recorded as sent back."),
    ),
    "consignment.transfer": ActWords(
        N_("Send vials to another site"),
        pgettext("button", "Send the box"),
        N_("The box is on its way. It is received, counted and judged there."),
    ),
    # what happened, and what was done about it
    "case.open": ActWords(
        N_("Open a case"), pgettext("button", "Open the case"), N_("The case is open. QA answers for it.")
    ),
    "material.report_result": ActWords(
        N_("Report a late result of a donor, bank or harvest"),
        pgettext("button", "Sign the result"),
        N_("The result is on record. If it is not negative, whatever was made of it is held and a case is open."),
    ),
    "case.assign": ActWords(
        N_("Say who answers for a case"), pgettext("button", "Hand it over"), N_("It is theirs to answer for now.")
    ),
    "case.grade": ActWords(
        N_("Judge how grave a case is"),
        pgettext("button", "Judge"),
        N_("The judgement is on record."),
        N_("Sign where the case becomes minor and something goes free by it. Otherwise leave it empty."),
    ),
    "case.postpone": ActWords(
        N_("Give a case more time"),
        pgettext("button", "Set the day"),
        N_("The new day is on record, beside the one before."),
    ),
    "case.investigate": ActWords(
        N_("Write down what was found out"), pgettext("button", "Record it"), N_("What was found out is on record.")
    ),
    "case.attach": ActWords(
        N_("Attach a file to a case"), pgettext("button", "Attach"), N_("The file is attached to the case.")
    ),
    "case.extend_to": ActWords(
        N_("Say whether other lots are concerned"),
        pgettext("button", "Record it"),
        N_("It is on record which other lots are concerned."),
        N_("Sign where a lot that was taken in is left out and goes free by it. Otherwise leave it empty."),
    ),
    "case.plan_action": ActWords(
        N_("Plan a corrective or preventive action"), pgettext("button", "Plan it"), N_("The action is planned.")
    ),
    "case.dispose": ActWords(
        N_("Decide what becomes of it"), pgettext("button", "Sign the decision"), N_("The decision is on record.")
    ),
    "case.reply": ActWords(
        N_("Record the reply to a complaint"), pgettext("button", "Record the reply"), N_("The reply is on record.")
    ),
    "case.close": ActWords(N_("Close a case"), pgettext("button", "Sign and close"), N_("The case is closed.")),
    "case.review": ActWords(
        N_("Review an emergency issue"), pgettext("button", "Sign the review"), N_("The emergency issue is reviewed.")
    ),
    "case.reopen": ActWords(
        N_("Open a closed case again"), pgettext("button", "Sign and open again"), N_("The case is open again.")
    ),
    "case.set_clock": ActWords(
        N_("Set by when cases are answered here"),
        pgettext("button", "Sign the time"),
        N_("Cases that are opened from now on are due by it."),
    ),
    "action.finish": ActWords(
        N_("Record that an action is done"),
        pgettext("button", "Record that it is done"),
        N_("The action is done. Somebody else judges whether it helped."),
    ),
    "action.check": ActWords(
        N_("Judge whether an action helped"),
        pgettext("button", "Sign the judgement"),
        N_("The judgement is on record."),
    ),
    "action.postpone": ActWords(
        N_("Give an action more time"), pgettext("button", "Set the day"), N_("The new day of the action is on record.")
    ),
    "action.drop": ActWords(
        N_("Drop a planned action"), pgettext("button", "Sign, and drop it"), N_("The action is dropped.")
    ),
    "document.issue": ActWords(
        N_("Issue a document"), pgettext("button", "Issue the document"), N_("The document is issued.")
    ),
    "document.revoke": ActWords(
        N_("Revoke a document"), pgettext("button", "Revoke it"), N_("The document is revoked.")
    ),
    # the patient
    "subject.enrol": ActWords(
        N_("Enrol a patient"),
        pgettext("button", "Enrol the patient"),
        N_("The patient has a pseudonym. The identity is kept apart."),
    ),
    "subject.look_up": ActWords(
        N_("Look a patient up"),
        pgettext("button", "Look up"),
        N_("The record says who looked, and whether somebody was found."),
    ),
    "subject.open_identity": ActWords(
        N_("See who a patient is"),
        pgettext("button", "Show the identity"),
        N_("The identity is shown; the record says who looked."),
    ),
    "subject.break_glass": ActWords(
        N_("Break the glass"),
        pgettext("button", "Break the glass"),
        N_("For 30 minutes you may look who this is. QA reviews it within a day."),
    ),
    "subject.erase_identity": ActWords(
        N_("Erase the identity"),
        pgettext("button", "Sign and erase"),
        N_("Nobody can read who this is any more. What was given, and its lots, stay."),
    ),
    "subject.merge": ActWords(
        N_("It is one person"),
        pgettext("button", "Sign that it is one person"),
        N_("Both are read as one person now. Open orders, permits and kept vials of either are asked anew."),
    ),
    "subject.unmerge": ActWords(
        N_("It was not the same person"),
        pgettext("button", "Sign that these are two"),
        N_("Each is read by itself again. Open orders, permits and kept vials of either are asked anew."),
    ),
    "opening.review": ActWords(
        N_("Review an opened identity"), pgettext("button", "Sign the review"), N_("The opened identity is reviewed.")
    ),
    "consent_form.draft": ActWords(
        N_("Add a consent form"), pgettext("button", "Add the form"), N_("The form is on file. QA issues it.")
    ),
    "consent_form.issue": ActWords(
        N_("Issue a consent form"),
        pgettext("button", "Sign and issue"),
        N_("The form is the one to sign from its day on."),
    ),
    "consent.record": ActWords(
        N_("Record a consent"), pgettext("button", "Both sign, and record"), N_("The consent is on record.")
    ),
    "consent.withdraw": ActWords(
        N_("Record that a consent was withdrawn"),
        pgettext("button", "Record it"),
        N_("The consent is withdrawn from now on."),
    ),
    "protocol.issue": ActWords(
        N_("Issue a protocol"), pgettext("button", "Sign the protocol"), N_("The protocol is in force.")
    ),
    "course.plan": ActWords(
        N_("Plan a course"), pgettext("button", "Plan the course"), N_("The course is planned, with its doses.")
    ),
    "course.end": ActWords(
        N_("End a course"),
        pgettext("button", "End the course"),
        N_("The course has ended. No dose of it is due any more."),
    ),
    "course.reserve": ActWords(
        N_("Keep vials for a whole course"),
        pgettext("button", "Keep them"),
        N_("Vials are kept for the doses of the course."),
    ),
    "order.prescribe": ActWords(
        N_("Order a dose"), pgettext("button", "Sign the order"), N_("The dose is ordered. A pharmacist verifies it.")
    ),
    "order.verify": ActWords(
        N_("Verify an order"), pgettext("button", "Sign the verification"), N_("The order is verified.")
    ),
    "dose.identify": ActWords(
        N_("Compare the wristband"), pgettext("button", "Compare"), N_("The wristband is this patient’s.")
    ),
    "dose.start": ActWords(
        N_("Check everything before the injection"),
        pgettext("button", "Check"),
        N_("Nothing stands against it. The vial may be given."),
    ),
    "dose.give": ActWords(
        N_("Record an injection"), pgettext("button", "Both sign, and record"), N_("The injection is on record.")
    ),
    "administration.observe": ActWords(
        N_("Record the observation"), pgettext("button", "Record the observation"), N_("The observation is on record.")
    ),
    "score.record": ActWords(
        N_("Record a score"), pgettext("button", "Record the score"), N_("The score is on record.")
    ),
    "score_form.record": ActWords(
        N_("Record a questionnaire"),
        pgettext("button", "Record the answers"),
        N_("The answers are on record, and scored by the rule of their version."),
    ),
    "score.read": ActWords(
        N_("Read a radiograph"),
        pgettext("button", "Keep my grade"),
        N_("Your grade is kept. It is shown when a second reader has read it too."),
    ),
    "score.agree": ActWords(
        N_("Agree on a grade that was read differently"),
        pgettext("button", "Both sign the grade"),
        N_("The grade that both take to be right is on record; what each read stays."),
    ),
    "administration.correct": ActWords(
        N_("Correct an injection"),
        pgettext("button", "Both sign, and correct"),
        N_("It is corrected. What was told first stays to be read."),
    ),
    "administration.void": ActWords(
        N_("Told by mistake"),
        pgettext("button", "Both sign: it was told by mistake"),
        N_("It counts as told by mistake. It stays to be read."),
    ),
    "score.void": ActWords(
        N_("Score told by mistake"),
        pgettext("button", "Sign: it was told by mistake"),
        N_("It counts as told by mistake. It stays to be read."),
    ),
    "score.adjudicate": ActWords(
        N_("Choose between scores that differ"),
        pgettext("button", "Sign the choice"),
        N_("The choice is on record; the others stand beside it."),
    ),
    "event.record": ActWords(
        N_("Record what was asked about harm"), pgettext("button", "Record the answer"), N_("The answer is on record.")
    ),
    "form_link.issue": ActWords(
        N_("Give the patient a questionnaire"),
        pgettext("button", "Make the link"),
        N_("The link is made. It is shown this once."),
    ),
    "form_link.end": ActWords(
        N_("End the patient’s link"), pgettext("button", "End it"), N_("The link opens nothing any more.")
    ),
    "form_link.answer": ActWords(
        N_("Answers of a patient"), pgettext("button", "Send"), N_("The answers of the patient are on record.")
    ),
    "image.attach": ActWords(
        N_("Keep an image or a document"),
        pgettext("button", "Keep the file"),
        N_("It is kept. What a JPEG, PNG or PDF said of itself is left out."),
    ),
    "event.assess": ActWords(
        N_("Judge whether the product did it"),
        pgettext("button", "Judge it"),
        N_("Your word is on record. Others may stand beside it; the graver one counts."),
    ),
    "event.copy_assessment": ActWords(
        N_("Copy what the maker wrote about it"),
        pgettext("button", "Copy the maker’s word"),
        N_("The maker’s word is on record as a copy. The graver of the words counts."),
    ),
    "event.report": ActWords(
        N_("Record that it was reported onward"),
        pgettext("button", "Record the report"),
        N_("The report is on record."),
    ),
    "event.set_clock": ActWords(
        N_("Set by when an event is reported to the authority"),
        pgettext("button", "Sign the clock"),
        N_("The clock is set. Events that are known already keep their day."),
    ),
    # the audit trail
    "audit.review": ActWords(
        N_("Review the audit trail"),
        pgettext("button", "Sign the review"),
        N_("The review is on record. What comes after it is new."),
    ),
    "audit.export": ActWords(
        N_("Take out part of the audit trail"), pgettext("button", "Export"), N_("It was taken out. That is on record.")
    ),
    "study.import_file": ActWords(
        N_("Read a study’s table in"),
        pgettext("button", "Enter the scores"),
        N_("The scores of the table are on record."),
    ),
    "study.export": ActWords(
        N_("Take out study data"), pgettext("button", "Export"), N_("It was taken out. That is on record.")
    ),
    "evidence.make": ActWords(
        N_("Make a lot’s evidence package"),
        pgettext("button", "Evidence package"),
        N_("The evidence package is made. Its digest is on record."),
    ),
}

SENTENCES: Mapping[str, str] = {
    "certified": N_("I certify for the maker that this lot was made and tested as stated here."),
    "transcribed": N_("I copied the maker’s certificate as it stands. This is a copy, not the maker’s own word."),
    "verified": N_("I compared this with its source and found it the same."),
    "handed_over": N_("I handed this over in the condition that is written here."),
    "received": N_("I took this over in the condition that is written here."),
    "reviewed": N_("I looked at what was entered and at its source. I did not make it myself."),
    "released": N_("I have looked at the whole dossier and release these vials for use at this hospital."),
    "decided": N_("I decided this and answer for it."),
    "recorded": N_("I recorded this as it was told or shown to me."),
    "ordered": N_("I order this dose for this patient, for this knee."),
    "given": N_("I gave this injection as it is written here."),
    "witnessed": N_("I was there and saw what is written here."),
    "adjudicated": N_("I compared the scores that are named here and take the chosen one to be right."),
    "delegated": N_("I hand this role over for the time that is written here, and know that they can do it."),
    "recalled": N_("I start this recall. From now on nobody may use what it names."),
    "approved": N_("I have looked at the whole dossier myself and agree to this release."),
    "requested": N_("I ask for these vials for this patient. I know which rules do not hold and answer for their use."),
    "destroyed": N_("I destroyed these vials in the way that is written here."),
    "seen_destroyed": N_("I stood by and saw that these vials were destroyed."),
    "searched": N_("I looked for this box myself, with its carrier and in the house, and did not find it."),
    "trail_reviewed": N_("I read this audit trail, refusals among it, up to the entry that is named here."),
    "agreed": N_("I read this myself, looked at it again, and agree to the grade that is chosen."),
    "access_reviewed": N_(
        "I looked at every role that is shown here: who holds it, where and until when. Each one is right."
    ),
}
"""What one says by signing, in the first person, by meaning."""
