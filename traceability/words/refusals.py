"""Why an act was refused, who may not, what was not found: one sentence a code, what is wrong and what would be right.

What could not be read (codes, files, fields) is in `readings`; what rules found is in `findings`.
"""

from __future__ import annotations

from collections.abc import Mapping

from traceability.words.said import N_, Variants

REFUSALS: Mapping[str, Variants] = {
    # who asks
    "sign_in_needed": N_("Sign in first. Nothing was done."),
    "sign_in_not_accepted": N_("Username or password not accepted, or no role holds today."),
    "too_many_tries": N_("Too many tries. Wait %(wait_s)s, then try again."),
    "password_must_change": N_("Somebody else chose your password. Choose your own first."),
    "form_expired": N_("This page is too old to be sent. Load it again. Nothing was done."),
    "forbidden": N_("This was not sent from a page of this system. Open the page again."),
    "not_permitted": (
        N_("“%(act)s” is not yours to do. It takes: %(roles)s."),
        N_("This is not yours to do. It takes: %(roles)s."),
    ),
    "not_yours": N_("This belongs to another organisation: %(noun)s. Only its own people can do this."),
    "not_found": (
        N_("Not found, or not yours to see: %(noun)s."),
        N_("There is nothing under this address."),
    ),
    "own_work": N_("You made this yourself, or who you stand in for did: %(noun)s. Somebody else reviews it."),
    # how it was asked
    "act_id_missing": N_("The request has no Idempotency-Key. Send a new UUID with every act."),
    "act_id_malformed": N_("The id of the act is no UUID. Send a new one with every act."),
    "act_id_reused": N_("This id stands for another act already. Nothing was done. Load the page again."),
    "not_confirmed": N_("Not yet confirmed. Do not repeat it. Look the act up by its id: %(act_id)s."),
    "not_kept": N_("Nothing was kept: the database has no room or does not answer. Try again in a minute."),
    "clock_set_back": N_(
        "The clock says %(now)s, and the record was written up to %(last)s. Nothing was kept. The administrator sets the clock right."
        " If it had run ahead and is right now, QA or the administrator confirms that."
    ),
    "clock_not_behind": N_("The clock is not behind the record: there is nothing to confirm."),
    "act_left_open": N_(
        "Somebody wrote to the database past this system. Nothing is kept until the administrator has answered for it:"
        " flask verify names it."
    ),
    "changed_meanwhile": N_("Somebody changed this while you looked at it. Nothing was done. Look again."),
    "input_malformed": N_("Some fields do not fit. Each says what would be right. Nothing was done."),
    "code_of_a_person": N_(
        "This is the code of a person. It may be scanned only where a patient or a badge is asked for."
    ),
    "request_malformed": N_("The request could not be read. Send one JSON object in UTF-8."),
    "request_refused": N_("The request was refused."),
    "request_timed_out": N_("The request took too long. Look up what was done before you repeat it."),
    "method_not_allowed": N_("This address does not take that method."),
    "not_acceptable": N_("This cannot be given in the type that was asked for."),
    "body_too_large": N_("This is larger than the system takes."),
    "address_too_long": N_("The address is longer than the system takes."),
    "header_too_large": N_("The headers are larger than the system takes."),
    "media_type_unsupported": N_("This type of content is not read here. Send application/json, or a file as a form."),
    "failed": N_("Something failed on our side. Look up what was done before you repeat it."),
    "reason_missing": (N_("“%(act)s” needs a reason. Write why."), N_("A reason is needed. Write why.")),
    "occurred_in_future": N_("%(occurred)s lies in the future; it is now %(now)s. Enter when it happened."),
    "occurred_long_ago": N_("%(occurred)s lies more than twenty years back. Enter when it happened."),
    "occurred_missing": N_("Enter when it happened: a late entry has its own time."),
    "wrong_state": (
        N_("It is recorded as: %(state)s (%(noun)s). This can be done only from: %(needs)s."),
        N_("This cannot be done in its present state (%(noun)s)."),
    ),
    "already_there": N_("The record has this already: %(noun)s %(key)s. Give it another name or number."),
    "already_ended": N_("This was finished before: %(noun)s. Nothing was done."),
    "excursion_by_vial": N_("Hold %(number)s is of an excursion: QA decides there, vial by vial."),
    "place_same": N_("Everything lies in %(place)s already. Choose another place."),
    "samples_count": N_("Scan at least one vial of those that were moved, and at most %(most)s."),
    "sensor_incomplete": N_("A sensor needs its serial and how often it measures."),
    "sensor_elsewhere": N_("The sensor hung elsewhere then, from %(since)s to %(until)s."),
    "sensor_hung_nowhere": N_("The sensor hung in no place between %(first)s and %(last)s. Say first where it hung."),
    "sensor_read_since": N_("The sensor told readings until %(last)s: it was not taken down before that."),
    "readings_count": N_("A batch has 1 to %(most)s readings."),
    "reading_too_old": N_(
        "%(at)s is more than %(days)s days ago. What a sensor could not send that long is read in from its file."
    ),
    "sensor_not_live": N_("Sensor %(serial)s does not send by itself: it is read by its file. Nothing was kept."),
    "alarm_rule_duration": N_(
        "“%(mode)s” and this duration do not go together: at once takes none, the others take one above zero."
    ),
    "alarm_rule_window": N_("Only what is added up has a time within which it is, and that is at least as long."),
    "alarm_rule_threshold": N_("No thermometer measures that. Give a threshold from %(low_mc)s to %(high_mc)s."),
    "alarm_rule_place": N_("Vials are taken out in %(place)s to be worked with: there the time counts, and no alarm."),
    "sensor_not_silent": N_("Sensor %(serial)s is not silent."),
    "contact_address": N_(
        "This is no address for the way “%(channel)s”. An e-mail address is one address alone; a webhook begins with"
        " https:// and has no name and no password in it."
    ),
    "told_of_nothing": N_("They would be told of nothing. Choose at least one thing, or end the contact."),
    "contact_after": N_("Somebody is told at once, or within %(most_s)s."),
    "logger_serial_missing": N_("The file %(name)s does not say which logger wrote it. Give its serial."),
    "logger_of_another": N_("The file is of logger %(said)s, not of %(serial)s. Nothing was read in."),
    "use_until_day": N_("A last day of use belongs to “use until a day”, and to no other decision."),
    "statement_of_another": N_(
        "The file is no stability statement of the lot of these vials. Attach it there, and decide lot by lot."
    ),
    "vials_not_there": N_("Not all of these vials were there during %(excursion)s."),
    "logger_unconfirmed": N_("Look at what was understood of %(name)s first, and confirm it. Nothing was read in."),
    "sensor_late_by_quality": N_("Where the sensor hung earlier, from %(occurred)s on, is said by QA."),
    "excursion_read_since": N_("It ended between the last reading, %(last)s, and now, %(now)s."),
    "nothing_chosen": N_("Nothing is chosen. Choose at least one."),
    "interval_empty": N_("The end has to come after the beginning, and an end that is set has to lie ahead."),
    "date_impossible": N_("%(date)s cannot be: it lies before the lot was made, or in the future."),
    "band_impossible": N_(
        "These limits cannot be: the lower has to be below the upper, and every duration above zero."
    ),
    "freeze_sensitive_below_zero": N_(
        "What must not freeze cannot be kept at %(low_mc)s. Give a lower limit of 0 °C or more, or say that it may freeze."
    ),
    "number_unreadable": (
        N_("“%(value)s” is not a number. Write it with a decimal point: 0.25."),
        N_("This is not a number. Write it with a decimal point: 0.25."),
    ),
    "value_missing": N_("Write the result as its source gives it, in at most 80 characters."),
    "place_elsewhere": N_("This place or site belongs elsewhere. Choose one of the organisation that it is for."),
    # signatures and people
    "signature_missing": N_("Signatures needed: %(meanings)s. Nothing was signed."),
    "signature_not_asked": N_("This act is not signed. Leave the signature out."),
    "signature_not_accepted": N_("Password not accepted (%(meaning)s). Nothing was signed."),
    "signature_not_entitled": N_("This signature (%(meaning)s) takes: %(roles)s. Nothing was signed."),
    "case_opened_by_you": (
        N_(
            "You opened case %(number)s, or who you stand in for did. What it stops is freed by somebody else: %(people)s."
        ),
        N_(
            "You opened case %(number)s, or who you stand in for did. What it stops is freed by somebody else of QA, and there is nobody"
            " else yet."
        ),
    ),
    "case_concerns_things": N_(
        "Case %(number)s is about something that is still there. Say what becomes of it. Nothing was signed."
    ),
    "result_of_another_house": N_("Another house entered this result. Somebody of that house reviews it."),
    "results_of_other_lot": N_("Some of these results are of another lot. Nothing was signed."),
    "signer_elsewhere": N_(
        "Who signs (%(meaning)s) holds the role at another site only. It takes somebody of this site: %(roles)s. Nothing was signed."
    ),
    "signature_same_person": N_("One person signed twice. Every signature is of another person. Nothing was signed."),
    "signature_one_voice": N_(
        "Who signs stands in for another who signs: that is one word. Somebody else signs. Nothing was signed."
    ),
    "signature_not_yours": N_("The first signature (%(meaning)s) is your own. Nothing was signed."),
    "password_not_accepted": N_("That is not your present password. Nothing was changed."),
    "reset_of_oneself": N_(
        "One’s own password is changed on one’s own page, by who knows the old one. Nothing was changed."
    ),
    "a_device": N_("%(name)s is a device: it has a key, and neither a password nor another role. Nothing was done."),
    "not_a_device": N_("%(name)s is no device. Nothing was done."),
    "nothing_to_confirm": N_("Nobody else has set this password. There is nothing to confirm."),
    "confirmed_by_another": N_(
        "Who set the password, and whose it is, cannot confirm it. Somebody else has to. Nothing was signed."
    ),
    "password_not_chosen": N_("They have not chosen a password of their own yet. Nothing was confirmed."),
    "grant_to_oneself": N_("Nobody gives a role to themselves. Somebody else has to. Nothing was given."),
    "database_away": N_(
        "The database does not answer. If this was an act, ask by its id whether it was kept before you repeat it."
    ),
    "day_not_over": N_("This day is not over yet: %(day)s. It is sealed an hour after its end."),
    "nobody_decides_here": N_(
        "Nobody of QA is left here to name another. Who runs the installation does: flask user grant. Nothing was given."
    ),
    "not_a_maker": N_("This is not a maker: %(name)s. Nothing was stopped."),
    "password_length": N_("A password has %(least)s to %(most)s characters."),
    "username_malformed": N_("A username has 2 to 63 small letters, digits, dots, hyphens or underscores."),
    "role_reserved": N_("This role is given to nobody: %(role)s."),
    "role_elsewhere": N_("Only an inspector works in another organisation. Not: %(role)s."),
    "lot_for_inspectors": N_("Only an inspector is limited to one lot. Not: %(role)s. Nothing was given."),
    "zone_unknown": N_("“%(zone)s” is no time zone. Write it like Asia/Jakarta."),
    # lots, labels
    "count_impossible": N_("A lot has %(least)s to %(most)s vials. List the serials, or give the number."),
    "serial_twice": N_("Serial %(serial)s is used twice. Every vial has its own."),
    "number_reads_as_element": N_(
        "“%(value)s” has digits in brackets: typed by hand, it would name something else. Write it without them."
    ),
    "labels_printed_already": (
        N_("Every vial of lot %(lot)s has a label. Reprint single ones, with a reason."),
        N_("Every vial that came with %(consignment)s has a label. Reprint single ones, with a reason."),
    ),
    "label_job_unclear": N_("Say whose vials: those of a lot, or those of a consignment, and not both."),
    "label_not_printed": N_("No label was printed here for vial %(serial)s. Print it first."),
    "label_of_another": N_("The code that was scanned is not that of vial %(serial)s. Nothing was done."),
    "label_scanned_already": N_("The label of vial %(serial)s was scanned back before."),
    "label_of_gone": N_("Vial %(serial)s is recorded as: %(state)s. It gets no label any more."),
    "label_none_left": N_(
        "Vial %(serial)s has no label that could be spoiled: it was scanned back, or none was printed."
    ),
    "label_not_waiting": N_("No label of %(serial)s waits in this job. Type the last serial that was printed well."),
    "label_paper_unknown": N_("Labels are not printed on %(paper)s. Choose a paper from the list."),
    "label_layout_unknown": N_("There is no label of this size: %(layout)s. Choose one from the list."),
    "label_does_not_fit": (
        N_("%(serial)s does not fit on a label of %(layout)s. The smallest that holds it: %(smallest)s."),
        N_("%(serial)s does not fit on a label of %(layout)s, nor on any other."),
    ),
    "label_layout_of_others": (
        N_("Vial %(serial)s has no serial of its maker: its label is %(needs)s, not %(layout)s."),
        N_("Vial %(serial)s has a serial of its maker; %(layout)s is for vials without one."),
    ),
    "overlabel_by_maker": N_(
        "Who makes a product gives its vials their serials. Only a hospital that transcribes for a maker labels over."
    ),
    "overlabel_with_serials": N_(
        "Either the maker gave serials, or it gave none. Leave the serials empty, or take the mark away."
    ),
    "overlabel_without_gln": N_(
        "No site of yours has a GLN, and the number on an over-label begins with it. Have a site opened with its GLN first."
    ),
    "alias_not_bpom": N_("This is no code of BPOM. It names: %(kind)s. Scan the code of BPOM on the vial."),
    "alias_of_product": N_(
        "This code of BPOM gives the marketing number alone: it names a product, not this vial. Scan the one with batch and serial."
    ),
    "alias_of_other_number": N_(
        "This code of BPOM gives the marketing number %(said)s; the lot is on record under %(record)s. Put the vial aside and ask QA."
    ),
    "alias_kept_already": N_("This code of BPOM is kept with vial %(serial)s already."),
    "alias_of_another": N_(
        "This code of BPOM is kept with another vial than %(serial)s. Nothing was kept. Put the vial aside and ask QA."
    ),
    "label_temperature": N_(
        "A label says temperatures to a hundredth of a degree; this one is finer, or out of range."
    ),
    "label_start": N_("The sheet has no cell %(start)s. It has %(cells)s; the first is 0."),
    "label_without_giai": N_(
        "Sensor %(serial)s has no GIAI, and a label names it by that. Its own number stands on it already."
    ),
    "label_reads_otherwise": N_("The symbol does not read back as “%(text)s”. It was not printed."),
    "label_glyph_missing": N_(
        "“%(text)s” holds %(character)s, which the label’s font does not have. Write it otherwise."
    ),
    "document_glyph_missing": N_(
        "“%(text)s” holds %(character)s, which the document’s font does not have. Write it otherwise."
    ),
    "document_number_taken": N_("Somebody else issued %(number)s, version %(version)s, meanwhile. Issue it again."),
    "document_kind_unready": N_("No record of the kind “%(kind)s” can be printed here."),
    "document_period": N_(
        "Choose a month that has begun, such as 2026-04, for the record of a place; a day from yesterday to 31 days ahead,"
        " such as 2026-04-17, for contingency sheets. No other record is of a month or of a day."
    ),
    "document_nothing_released": N_("No vial of this lot was released here, so there is no release to print."),
    "document_bytes_differ": N_(
        "The kept file of %(number)s, version %(version)s, is missing or was changed. Tell QA; it is not made anew."
    ),
    "language_unknown": N_("Records are printed in English (en) and Indonesian (id), not in “%(language)s”."),
    # the way to the hospital, and in the pharmacy
    "before_shipping": N_("It cannot arrive before it was shipped, %(shipped)s."),
    "box_not_overdue": N_(
        "It may still arrive in time, until %(due)s. What is known of single vials can be told of them now."
    ),
    "before_last_move": N_("It was put there only %(since)s. Enter a later time."),
    "stocktake_goes_on": N_("Place %(place)s is being counted already: %(number)s. Go on with that count, or drop it."),
    "box_unknown": N_("No consignment of yours has this number. Keep the box closed and cold, and tell QA."),
    "counted_already": N_("Vial %(serial)s is counted already."),
    "nothing_counted": N_("No vial is counted yet. Scan what is in the box."),
    "still_in_the_box": N_("Vials still in the box: %(vials)s. Put them away first."),
    "not_counted": N_("Vial %(serial)s was not counted at arrival. Count it first."),
    "place_not_a_shelf": N_(
        "Vials are not put away in %(place)s. Choose a freezer, a refrigerator, a room or a bench."
    ),
    "reading_impossible": N_("Lowest %(low)s, now %(now)s, highest %(high)s cannot be. Read the thermometer again."),
    # quality
    "specification_of_other_product": N_("This test belongs to another product. Choose one of this lot’s."),
    "specification_unclear": N_("Give limits, or the expected word; one of the two."),
    "release_refused": N_("These vials cannot be released. Every rule that does not hold says who can answer."),
    "release_kind_named": N_("A release for a named patient names the patient’s course, and a physician signs it too."),
    "credential_not_suspended": N_("%(number)s is not suspended. There is nothing to lift."),
    "document_of_another_lot": N_(
        "This file does not belong to the lot. Attach the maker’s document to the lot first."
    ),
    "expiry_same": N_("%(expires)s is the date that counts already."),
    "expiry_over": N_("The lot was usable until %(expires)s, or was declined: what is over is given no later date."),
    "specification_backdated": N_(
        "%(test)s: version %(version)s is in force, and results were held against it. A new version begins later, and not in the past."
    ),
    "specification_not_in_force": (
        N_("%(test)s: on that day version %(version)s was in force. Enter the result against that one."),
        N_("%(test)s: no version of its specification was in force on that day."),
    ),
    "result_not_outside": N_("This result is not outside its specification: there is nothing to conclude."),
    "evidence_missing": N_("A mistake of the laboratory needs its evidence: a file that is attached to the lot."),
    "retest_missing": N_(
        "%(test)s: name a later, reviewed result of the same test that stands instead. A result is not put aside for nothing."
    ),
    "stands_otherwise": N_("Confirmed, the result itself stands. Choose no other."),
    "results_empty": N_("There is no result in this file."),
    "results_encoding": N_("This file is not text in UTF-8. Export it so, and send it again."),
    "results_unreadable": N_(
        "This is no whole %(format)s file: it breaks off, or a name stands twice. Nothing was read."
    ),
    "results_not_a_list": N_("In JSON, results are a list of objects, or such a list under “results”."),
    "results_too_many": N_("The file is larger than a laboratory’s report: at most %(most)s rows, or columns."),
    "results_heading_twice": N_("Two columns say the same: %(heading)s. Leave one."),
    "results_heading_missing": N_("Columns needed and not found: %(headings)s."),
    "results_ragged": N_("Line %(line)s has %(cells)s cells; the heading has %(columns)s."),
    "results_cell_too_long": N_("Line %(line)s has a cell of more than %(most)s characters."),
    "results_imported_already": N_("This very file was read in for this lot before. Nothing was entered twice."),
    "results_refused": N_("%(count)s lines cannot be read in, so none was. Each says why."),
    "results_unconfirmed": N_("Look at what was understood of the file first, and confirm it. Nothing was entered."),
    "study_encoding": N_("This file is not text in %(encoding)s. Choose how it was written, or export it in UTF-8."),
    "study_too_many": N_(
        "The table is larger than is read at once: at most %(most)s lines or values, and %(columns)s columns. Divide it."
    ),
    "study_column_unknown": N_("No column is called %(column)s here."),
    "study_long_or_wide": N_(
        "Say which column holds the value, or which columns hold an instrument at a time: one of both."
    ),
    "study_cell_too_long": N_("%(column)s takes at most %(most)s characters."),
    "study_side_unknown": N_("“%(value)s” is neither the right knee nor the left."),
    "study_number_mark": N_(
        "“%(value)s” can be read in two ways. Say whether a point or a comma stands before the decimals."
    ),
    "study_number_otherwise": N_("“%(value)s” is not written as you said: with “%(mark)s” before the decimals."),
    "study_subscale_unknown": N_("%(instrument)s has no subscale “%(value)s” here. Known: %(known)s."),
    "study_time_unknown": N_("“%(value)s” is no visit that is known here."),
    "study_subject_unknown": N_("No subject of yours has the pseudonym “%(pseudonym)s”."),
    "study_refused": N_("%(count)s values cannot be read in, so none was. Each says why."),
    "study_nothing_new": N_("All %(lines)s values of this file are on record already. Nothing was entered twice."),
    "study_unconfirmed": N_("Look at what was understood of the file first, and confirm it. Nothing was entered."),
    "results_other_lot": N_("This line is of lot %(lot)s."),
    "results_test_twice": N_("%(test)s stands in the file twice. A laboratory says which of them it reports."),
    "test_unknown": N_("No specification of this product has the test “%(test)s”."),
    "unit_differs": (
        N_("%(test)s is specified in %(asks)s, not in %(unit)s."),
        N_("%(test)s is specified in %(asks)s; the line gives no unit."),
        N_("%(test)s is specified without a unit, not in %(unit)s."),
    ),
    "method_differs": N_("%(test)s is specified by the method %(asks)s, not by %(method)s."),
    "condition_missing": N_("A conditional release states its condition and until when it holds."),
    "dossier_changed": N_("The dossier changed while you looked at it. Nothing was signed. Look again."),
    "vials_of_other_lot": N_("Some of these vials belong to another lot. Choose vials of this lot."),
    "recall_class": N_("A recall is of class 1, 2 or 3, not %(value)s."),
    # recalls, and what is taken out of stock
    "clock_without_time": N_("A clock needs a time above zero."),
    "notices_sent_already": N_("Everybody who has to do with %(number)s was told already."),
    "vial_not_in_recall": N_("Vial %(serial)s is not part of %(number)s. Leave it where it is."),
    "retrieved_already": N_("Vial %(serial)s is accounted for already in %(number)s."),
    "vial_is_missing": N_("Vial %(serial)s is recorded as missing: nobody can vouch for it. Find it and scan it."),
    "place_not_quarantine": N_("%(place)s is no quarantine place. Recalled vials go into quarantine."),
    "quarantine_missing": N_("Choose where it lies now: no quarantine place is on record here."),
    "mock_without_patients": N_("A mock recall tells no patient anything."),
    "subject_not_concerned": N_("This patient had no vial of %(number)s, as far as is known."),
    "organisation_not_concerned": N_("This organisation was not told of %(number)s, because it had none of its vials."),
    "recall_open_points": N_("%(number)s cannot be closed yet. Every point says what is missing."),
    "not_a_hospital": N_("%(name)s is no hospital’s site. Vials go back to their maker by another act."),
    "not_at_site": N_("Not lying at %(site)s: %(serials)s. Choose vials that are there."),
    "transfer_refused": N_("These vials cannot leave. Every finding says who can answer."),
    "figures_changed": N_("The figures changed while you looked at them. Nothing was signed. Look again."),
    # patients, orders, doses
    "told_by_mistake": N_("It was told by mistake. Nothing is built on it any more."),
    "correction_backdated": N_("What is put right is put right now. Leave out when it happened."),
    "grade_of_another": N_("Only who read this radiograph takes their grade back. Somebody else reads it then."),
    "nothing_answered": N_("Nothing was answered yet. The link stays open."),
    "nothing_changed": N_("Nothing differs from what is on record."),
    "told_and_not_reported": N_("Told, and not reported: %(fields)s. Choose one."),
    "identity_unreadable": N_("The identity cannot be read with this installation’s key. Tell the administrator."),
    "identity_key_missing": N_(
        "The key of the identities is not on this server: nobody is found by a number of the hospital, and nobody is enrolled. "
        "The rest of the record works. Tell the administrator."
    ),
    "key_in_use": N_("Identities that stand under key %(key)s: %(count)s. `flask keys rotate --resume` brings them."),
    "key_rests": N_("Key %(key)s is a former one for less than an hour: a server may still write under it."),
    "identity_erased": N_("The identity of this patient was erased: nobody can be sure who it is. Enrol them anew."),
    "merged_with_itself": N_("These are one pseudonym. Choose the other one under which the same person was enrolled."),
    "subject_merged": N_("%(subject)s was merged: this person is read as %(stands)s. Go on there."),
    "not_merged": N_("%(subject)s is read by itself: there is nothing to take back."),
    "identities_not_looked_at": N_(
        "Nobody who signs has looked at both identities within the last 30 minutes. Look at both, side by side, then sign."
    ),
    "knee_missing": N_("Say which knee is asked about, or choose its course."),
    "identity_not_looked_at": N_(
        "This file says who the patient is. Open the identity first; for half an hour the file can be saved then."
    ),
    "merge_doubtful": N_(
        "What was compared speaks against one person. If you are certain all the same, say so and write why; QA is one of the two who sign."
    ),
    "merge_takes_quality": N_("What was compared speaks against one person: then QA is one of the two who sign."),
    "order_superseded": N_(
        "This order counts no more: what it rested on was told otherwise. The physician orders the dose anew."
    ),
    "two_courses_open": N_(
        "Under two pseudonyms of this person courses of this knee are open: %(laterality)s. The physician ends one first."
    ),
    "identity_needed": N_("Somebody still has to know who this is. Nothing was erased."),
    "glass_whole": N_(
        "Who treats sees who this is. Others break the glass first: for a reason, with a second person, for 30 minutes."
    ),
    "glass_broken_already": N_("You may look until %(until)s already (%(number)s)."),
    "identity_incomplete": N_("A name and a medical record number are needed."),
    "subject_known": N_("This person is known here already, as %(subject)s."),
    "representative_incomplete": N_("Who signed for the patient, and how they stand to them: both, or neither."),
    "consent_asks": N_(
        "About the consent form that was signed, %(version)s, something asks first. Every finding says who can answer."
    ),
    "consent_form_issued": N_("This form is issued already. A change is a new version."),
    "consent_missing": N_("No consent that stands is on record: %(kind)s. Record it, or do not go on."),
    "protocol_impossible": N_(
        "This protocol cannot be: doses, days and volume above zero, days early or late fewer than between."
    ),
    "course_ended": N_("This course has ended. Plan a new one, if treatment goes on."),
    "course_open": N_("A course for this knee is open already: %(laterality)s. Go on with that one."),
    "not_ordered": N_("Dose %(k)s is not ordered. The physician orders it."),
    "order_not_verified": N_("The order of dose %(k)s is not verified. A pharmacist verifies it."),
    "other_product": N_("Vial %(serial)s is of another product than the protocol asks for."),
    "dose_has_vial": N_("A vial is kept for dose %(k)s already. Let it go first."),
    "every_dose_has_vial": N_("Every dose of this course that is not given has its vial."),
    "not_first_to_expire": N_("Vial %(serial)s expires earlier, %(expires)s. Take that one, or write why not."),
    "vial_not_usable": N_("Vial %(serial)s may not be used now. Every finding says who can answer."),
    "thawed_already": N_("Vial %(serial)s is thawing already. Its clock runs from then."),
    "thawed_goes_on": N_("Vial %(serial)s was thawed and cannot go back to stock. Issue it, or discard it."),
    "not_reserved": N_("Vial %(serial)s is kept for no dose. Keep it for one first."),
    "place_not_for_thawing": N_(
        "Nothing thaws in %(place)s. Choose where it is put to thaw: a workbench, a room, a fridge."
    ),
    "place_not_a_bedside": N_("Vials are not issued to %(place)s. Choose a bedside or a workbench."),
    "dose_refused": N_("Dose %(k)s may not be given now. Every finding says who can answer. Put the vial aside."),
    "wristband_unknown": N_("No patient here has this wristband. Scan it again."),
    "wristband_of_another": N_("This is not the number of this patient. Nothing was printed. Scan it again."),
    "wristband_without_gsrn": N_(
        "This code holds no GSRN (8018). A plain number is not printed as a code: print the pseudonym."
    ),
    "started_already": N_("Vial %(serial)s was cleared for giving before. It is given once, or discarded."),
    "vials_not_distinct": N_("Scan at least one vial, each of them once."),
    "volume_impossible": N_(
        "More than 0 and at most 1 000 mL can be given; at most 1 000 mL can be discarded. "
        "Where nothing was injected, record the vial as discarded."
    ),
    "dose_of_other_subject": N_("This belongs to another patient. Nothing was written."),
    "dose_of_other_course": N_("This injection is not of the course that is named. Choose one of the two again."),
    "course_of_other_knee": N_("The course that is named is of the other knee. Choose the course or the knee again."),
    "description_missing": N_("Write what was seen."),
    "description_without_event": N_("Nothing happened, or nobody asked: then there is nothing to describe."),
    "form_incomplete": N_(
        "This form has %(items)s items; %(answers)s were told. Leave a place empty where nothing was answered."
    ),
    "instrument_unknown": N_("This instrument is not known here: %(instrument)s."),
    "seal_expired": N_(
        "The certificate of %(name)s seals from %(since)s to %(until)s, not now. Nothing was printed. The administrator renews it."
    ),
    "timestamp_unavailable": N_("%(authority)s gave no time stamp: %(why)s. Nothing was printed. Try again later."),
    "score_not_whole": N_("A grade of %(instrument)s is a whole number from %(low)s to %(high)s."),
    "score_out_of_range": N_("The value has to lie between %(low)s and %(high)s."),
    "scores_not_comparable": N_("Choose one of at least two scores of one patient, instrument, side and time point."),
    "link_used": N_("These questions were answered already. Nothing was written."),
    "link_over": N_("This link opens nothing any more. Nothing was written."),
    "file_damaged": N_("This file is damaged, locked, or not what its first bytes say. Save it again and send that."),
    "picture_not_understood": N_(
        "A part of this PDF cannot be freed of what it says of people, or only its own reader would draw it."
        " Print the pages to a new PDF and send that."
    ),
    "images_not_consented": N_("No consent to images stands for this patient. Nothing is kept or shown."),
    "unit_missing": N_("%(instrument)s is measured: say in which unit (%(units)s)."),
    "unit_unknown": N_("%(instrument)s is kept in these units alone: %(units)s."),
    "read_already": N_("You have read this radiograph. Your grade is kept as you read it first."),
    "adjudicator_read": N_(
        "Who read the radiograph does not choose alone. Ask a third, or agree with the other reader."
    ),
    "agreed_by_others": N_("Two who each read it agree on it, and nobody else."),
    "serious_contradicted": N_(
        "It cannot be not serious: what is told of grade, outcome or reason says that it is. Choose one again."
    ),
    "onset_contradicted": N_("The day and the moment on which it began differ. Leave one of them empty."),
    "ended_before_onset": N_("It cannot have ended before it began."),
    "nothing_to_follow": N_("Only an event that happened is told again, judged or reported."),
    "told_again_meanwhile": N_("Somebody told this event again meanwhile. Read that first, then add what is new."),
    "reference_missing": N_("Name the document by which it is expected or unexpected, with its version."),
    "reported_before_known": N_("It cannot have been reported before the house knew of it."),
    # the audit trail
    "review_ahead": N_("The audit trail goes up to entry %(last)s, not to %(through)s. Review what is there."),
    "trail_has_grown": N_(
        "Another box joined the trail of lot %(lot)s while you read it. Nothing was signed. Read it again."
    ),
    "trail_boxes_missing": N_(
        "Which boxes the trail of lot %(lot)s was read with is not said. Nothing was signed. Read the trail and sign from there."
    ),
    "nothing_to_review": N_("Up to entry %(through)s there is nothing about this lot. Review up to a later entry."),
    "trail_out_of_sight": N_("Part of this trail is not yours to see. Who sees all of it reviews it."),
    "export_differs_now": N_(
        "This file was handed out before, under entry %(entry)s, and cannot be made the same again: what you see, or what it said, has"
        " changed since. Search again and take a new file."
    ),
    "ledger_shorter": N_("The ledger has %(last)s entries, not %(size)s. Ask about what is there."),
    "ledger_differs": N_(
        "Entries %(first)s to %(last)s are not what was read before, so nothing is proved. Tell the administrator: flask verify."
    ),
    "handed_too_long": N_("A role is handed over for at most %(days)s days. For longer, somebody is appointed."),
    "role_not_yours_to_hand_over": N_(
        "You do not hold this role yourself for that time and place: %(role)s. What was handed to you is not handed on."
    ),
    "role_handed_already": N_(
        "You handed this role to somebody else for that time: %(role)s. One person stands in for one."
    ),
    "role_of_administrator": N_("%(name)s sets passwords, and decides nothing besides. Choose somebody else."),
    "role_held_already": N_("%(name)s holds this role already: %(role)s."),
    "role_not_held_then": N_("%(name)s does not hold this role for the whole time: %(role)s. Give it first."),
    "role_not_on_call": N_("Nobody is on call as %(role)s. Choose QA, pharmacist, physician or maker’s QA."),
    "shift_too_long": N_("A shift lasts at most %(days)s days and begins within a year."),
    "not_an_emergency": N_("Case %(number)s is of no emergency issue: there is nothing to review."),
    "nothing_due": N_("Nothing of this is due now, or it was told already."),
    "hold_undecided": N_("Hold %(number)s waits for the decision in case %(case)s. Sign that first."),
    "still_due": N_("It is still due."),
    # cases
    "case_by_its_act": N_(
        "A case of this kind is opened by its own act: the result of a donor, or an emergency issue."
    ),
    "case_concerns_nothing": N_("This case concerns no vial and no lot. Then there is nothing to decide: choose that."),
    "case_is_open": N_("Case %(number)s is open already."),
    "case_not_closable": N_("Case %(number)s cannot be closed yet. Each finding says what is missing."),
    "complainant_missing": N_("Write who complained: a ward, a hospital. Never the name of a patient."),
    "due_not_later": N_("It is due on %(due)s. Choose a later day."),
    "due_too_far": N_("Choose a time of at least one day and at most %(days)s days."),
    "graded_already": N_("It is judged so already: %(severity)s."),
    "hold_of_what_is_left_out": N_("Lots that are not concerned are not held. Take them in, or leave the hold out."),
    "not_a_complaint": N_("Only a complaint is replied to."),
    "not_of_this_case": N_("Some of what you chose is not part of this case. Look again."),
    "owner_already": N_("%(name)s answers for it already."),
    "person_elsewhere": N_("%(name)s works for another organisation."),
    "action_not_done": N_("Action %(number)s is not done yet. It is judged when it is."),
    "action_of_another": N_("Action %(number)s is somebody else’s. Its owner or QA says that it is done."),
    "nothing_to_hand_out": N_("No entry in your sight is about lot %(lot)s, so there is no evidence to hand out."),
    "evidence_bytes_differ": N_("The kept file of %(number)s is missing or was changed. Tell QA; make a new one."),
    # training, and who may do what
    "not_trained": N_(
        "%(person)s is not known to be trained for this today, in the role: %(roles)s. Each finding says what is missing."
    ),
    "training_of_oneself": N_(
        "Nobody records a training of their own. Somebody else of QA, or an administrator, does."
    ),
    "topic_malformed": N_("A topic is a code of up to 40 letters, digits, spaces and . _ / - such as SOP-12."),
    "access_has_changed": N_(
        "A role was given, ended or changed since this was shown. Look through the roles again, then sign."
    ),
    "no_paper_stands": N_(
        "No paper of this hospital allows a course of %(product)s today. Each finding says what is missing."
    ),
    "format_unknown": N_("There is no export of this kind: %(format)s. Choose one of: %(formats)s."),
    "visits_impossible": N_(
        "These visits cannot be: each once and in their order, the baseline up to %(earliest)s days before the first injection, the"
        " others up to %(latest)s days after it, at most %(widest)s days early or late."
    ),
    "paper_number_malformed": N_(
        "This is not the number of a paper: %(number)s. It has three signs or more, a digit among them."
    ),
    "protocol_paper_missing": N_("A paper that this protocol names does not stand. Each finding says what is missing."),
    "credential_of_making": N_(
        "A paper of this kind is of all that is made under it, not of one product: %(kind)s. Leave the product open."
    ),
    "site_not_chosen": N_("Your house has several sites: %(sites)s. Choose the one at which it is given."),
}
