"""What could not be read: scanned codes, logger files, fields; and what a reader of files wants looked at."""

from __future__ import annotations

from collections.abc import Mapping

from traceability.words.said import N_, Variants

READINGS: Mapping[str, Variants] = {
    # codes
    "code_empty": N_("Nothing was scanned. Scan again."),
    "code_unreadable": N_("This is no GS1 code. Scan the code on the label again."),
    "code_too_long": N_("The code is too long: at most %(limit)s characters are read. Scan one code at a time."),
    "code_symbology": N_("A symbol of this kind is not read: %(symbology)s. Scan the DataMatrix or the QR code."),
    "code_separator_lost": N_("The separator was lost. Scan again; if it stays so, set the scanner to send GS."),
    "code_ai_unknown": (
        N_("The code holds a part that is not known here: %(ai)s. Scan the code on the label."),
        N_("The code holds a part that is not known here. Scan the code on the label."),
    ),
    "code_ai_twice": N_("The code says this twice: %(ai)s. Scan one code at a time."),
    "code_ai_together": N_("These two cannot stand in one code: %(ai)s and %(other)s. Scan one code at a time."),
    "code_ai_missing": (
        N_("Beside %(ai)s the code has to give: %(needs)s. Scan the whole code."),
        N_("The code has to give: %(needs)s. Scan the whole code."),
    ),
    "code_character": N_("“%(value)s” does not fit %(ai)s: 1 to 20 letters, digits and plain signs, without spaces."),
    "code_hides": N_(
        "A scanner that loses a separator would read “%(text)s” as something else. Choose another number."
    ),
    "code_characters": (
        N_("“%(value)s” holds a character that %(ai)s cannot have. Scan again."),
        N_("It holds a character that %(ai)s cannot have. Scan again."),
    ),
    "code_length": (
        N_("“%(value)s” is too short or too long for %(ai)s: %(low)s to %(high)s characters."),
        N_("It is too short or too long for %(ai)s: %(low)s to %(high)s characters."),
    ),
    "code_check_digit": (
        N_("The check digit of “%(value)s” is wrong (%(ai)s). Scan again, or compare it digit by digit."),
        N_("The check digit is wrong: %(ai)s. Scan again, or compare it digit by digit."),
    ),
    "code_date": (
        N_("“%(value)s” is no date (%(ai)s). Scan again."),
        N_("This is no date: %(ai)s. Scan again."),
    ),
    "code_not_listed": (
        N_("“%(value)s” is on no list of what %(ai)s may be. Scan again."),
        N_("This is on no list of what %(ai)s may be. Scan again."),
    ),
    "code_prefix": (
        N_("“%(value)s” does not begin with a GS1 company prefix: %(ai)s. Scan again."),
        N_("This does not begin with a GS1 company prefix: %(ai)s. Scan again."),
    ),
    "code_value": (
        N_("“%(value)s” cannot be: %(ai)s. Scan again."),
        N_("What the code says here cannot be: %(ai)s. Scan again."),
    ),
    "code_bare_number": N_(
        "These %(digits)s digits are the number of a product, without lot and serial. Scan the DataMatrix or the QR code."
    ),
    "code_check_missing": N_("A donation number that is typed needs the character in the box beside it. Type it too."),
    "code_count": N_("The code says that it has %(said)s parts, and has %(found)s. Scan again."),
    "code_structure_unknown": N_("The code holds a part of ISBT 128 that is not known here. Scan the next code."),
    "code_joined_apart": N_(
        "These two codes are not of one vial: %(first)s and %(second)s. Scan both codes of the vial again."
    ),
    "code_joined_differs": N_("The two codes contradict each other: %(ai)s. Put the vial aside and ask QA."),
    "code_qualifier": N_("This part stands in the wrong place of the link: %(ai)s. Scan again."),
    "code_brackets": N_("“%(text)s” cannot be written with brackets. Scan the symbol."),
    "code_not_a_vial": N_("This is not the code of a vial. It names: %(kind)s. Scan a vial."),
    "code_not_a_box": N_("This is not the code of a box. It names: %(kind)s. Scan the number of the box (SSCC)."),
    "code_without_serial": N_(
        "The code names a product and no single vial. Scan the code with the serial, or the over-label. A vial with neither "
        "gets an over-label: print it from its lot."
    ),
    "code_typed_differs": N_("The two entries differ. Nothing was done. Read the label again and type it twice."),
    "code_pieces": N_(
        "Two pieces were sent and together they are no code. Scan again; the scanner ends a code too early."
    ),
    # what a scanner makes of its self-test
    "scanner_other_code": N_(
        "This is not the self-test, or not the whole of it. Print the sheet and scan its two symbols."
    ),
    "scanner_identifier_missing": N_(
        "It does not say which kind of symbol it read. Codes are read all the same; with the AIM identifier on, "
        "%(symbology)s comes first and mistakes are found sooner."
    ),
    "scanner_identifier_other": N_(
        "“%(came)s” came before the code, not %(symbology)s: the scanner does not know it as a GS1 symbol, or a keyboard "
        "layout changed it. Switch GS1 mode and the AIM identifier on."
    ),
    "scanner_separator_lost": N_(
        "The separator did not arrive: where the batch ends is lost. Switch GS1 mode on and let FNC1 be sent as GS, character 29."
    ),
    "scanner_separator_turned": N_(
        "The separator arrived as “%(came)s”. Let FNC1 be sent as GS, character 29, without any replacement."
    ),
    "scanner_only_capitals": N_(
        "Small letters arrive as capitals. Switch the forced case off, on the scanner and in its driver."
    ),
    "scanner_only_small": N_(
        "Capitals arrive as small letters. Switch the forced case off, on the scanner and in its driver."
    ),
    "scanner_capitals_swapped": N_(
        "Capitals and small letters are exchanged. Take Caps Lock off, and let the scanner ignore it."
    ),
    "scanner_layout": N_(
        "The keyboard layout changes signs: %(changed)s. Give scanner and computer the same layout, or let the scanner send "
        "characters instead of keys."
    ),
    "scanner_misread": N_(
        "Signs came otherwise than printed: %(changed)s. Scan again; if it stays so, compare the layouts of scanner and computer."
    ),
    "scanner_lost": N_(
        "Signs are missing: %(lost)s. A layout with dead keys swallows quotes; a scanner that sends too fast drops any. Set "
        "another layout, or a pause between keys."
    ),
    "scanner_added": N_(
        "There is more than the code: “%(added)s”. Take prefixes and suffixes off; only Enter belongs at the end."
    ),
    "scanner_no_enter": N_(
        "Enter did not come at the end: the button had to be pressed. Let the scanner send Enter after each code."
    ),
    # logger files
    "logger_empty": N_("The file %(name)s is empty. Read the logger out again."),
    "logger_too_large": (
        N_("The file %(name)s has %(bytes)s bytes; at most %(most)s are read."),
        N_("The file has %(readings)s readings; at most %(most)s are read."),
        N_("The file is too large to be read."),
    ),
    "logger_unknown_format": N_(
        "No table of times and temperatures was found in this file. Export the readings as CSV."
    ),
    "logger_is_archive": N_(
        "This is a spreadsheet or an archive (xlsx, ods, zip); it is not opened. Export the readings as CSV and attach that."
    ),
    "logger_is_pdf": N_("This is a PDF; readings are not taken from it. Export them as CSV or text and attach that."),
    "logger_is_markup": N_(
        "This is a web page, XML or formatted text; it is not opened. Export the readings as CSV and attach that."
    ),
    "logger_has_macros": N_(
        "This spreadsheet holds macros. It is not opened. Export the readings as CSV and attach that."
    ),
    "logger_signature_wrong": N_(
        "The maker’s signature does not fit this file: it was changed after the logger wrote it. Read the logger out again."
    ),
    "logger_truncated": (
        N_("The file is cut off: it tells of %(said)s readings and has %(found)s. Read the logger out again."),
        N_("The file is cut off in row %(row)s. Read the logger out again."),
        N_("The file is cut off. Read the logger out again."),
    ),
    "logger_damaged": (
        N_("The file is damaged: row %(row)s is not reading %(expected)s. Read the logger out again."),
        N_("The file is damaged. Read the logger out again."),
    ),
    "logger_no_readings": N_("The file has no readings."),
    "logger_interval_unknown": N_(
        "The file does not say how often the logger measured, and one reading does not show it."
    ),
    "logger_not_in_order": N_("Reading %(reading)s is not later than the one before it. Read the logger out again."),
    "logger_value_impossible": (
        N_("Reading %(reading)s cannot be: %(value_mc)s. Read the logger out again."),
        N_("Reading %(reading)s cannot be: %(value)s. Read the logger out again."),
    ),
    "logger_value_missing": (
        N_("Reading %(reading)s has no temperature. Read the logger out again."),
        N_("Row %(row)s has no temperature. Read the logger out again."),
    ),
    "logger_value_beyond": (
        N_(
            "Reading %(reading)s: “%(value)s” is beyond the logger’s range. The file is not read in: enter it by hand, as out of limits."
        ),
        N_(
            "%(day)s: “%(value)s” is beyond the logger’s range. The file is not read in: enter it by hand, as out of limits."
        ),
        N_(
            "Row %(row)s: “%(value)s” is beyond the logger’s range. The file is not read in: enter it by hand, as out of limits."
        ),
    ),
    "logger_scale_unknown": (
        N_("“%(value)s” in row %(row)s, like others, can be no °C or °F: another unit or scale, or a broken sensor."),
        N_("“%(value)s”: only °C and °F are read, no other unit or scale. Export the readings in °C."),
    ),
    "logger_value_unreadable": N_("The temperature “%(value)s” in row %(row)s cannot be read."),
    "logger_value_uneven": N_(
        "“%(value)s” is written unlike the other temperatures: they have %(places)s decimals. Read the logger out again."
    ),
    "logger_off_beat": N_(
        "Reading %(reading)s does not fit the others, which come every %(interval_s)s: its time was changed. Read the logger out again."
    ),
    "logger_row_unreadable": N_("Row %(row)s cannot be read. It has to hold a time and a temperature."),
    "logger_time_unreadable": (
        N_("The time “%(time)s” of reading %(reading)s cannot be read."),
        N_("The time “%(time)s” in row %(row)s cannot be read."),
    ),
    "logger_ambiguous_time": N_(
        "Row %(row)s: the clocks were set in %(zone)s, and %(time)s is no single moment there."
    ),
    "logger_ambiguous_date": N_("“%(text)s” can be read in two ways: %(dates)s. Say which is meant."),
    "logger_ambiguous_decimal": N_(
        "“%(text)s” can be read in two ways: %(ways)s. Say whether the comma stands for the decimal point."
    ),
    "logger_header_unreadable": (
        N_("Row %(row)s, above the readings, cannot be read."),
        N_("“%(field)s”, above the readings, cannot be read."),
    ),
    "logger_zone_unknown": N_("“%(zone)s” is no time zone. Write it like Asia/Jakarta."),
    "logger_zone_missing": N_("The file does not say in which time zone its clock ran. Choose one: %(choices)s."),
    "logger_contradicts_itself": (
        N_("The file contradicts itself in “%(field)s”: it says %(said)s, its readings say %(found)s."),
        N_("The file contradicts itself in “%(field)s”. Read the logger out again."),
    ),
    "logger_several_channels": (
        N_("The file has several temperatures. Choose the one that was with the vials: %(choices)s."),
        N_("The file has several temperatures: %(channels)s. Attach one file for each sensor."),
    ),
    "logger_statistic_alone": N_(
        "The file has only “%(channel)s”: a mean hides a short warm time. Choose it where nothing else was recorded."
    ),
    "logger_several_clocks": N_("The file has several columns of times. Choose those of the readings: %(choices)s."),
    "logger_clock_unknown": N_("The file has no column of times called “%(clock)s”. Choose one: %(choices)s."),
    "logger_unit_unknown": N_("The file does not say whether it means °C or °F. Say which."),
    "logger_channel_unknown": N_("The file has no temperature called “%(channel)s”. Choose one: %(choices)s."),
    "logger_no_temperature": N_("The file has times and no column of temperatures."),
    "logger_clock_ahead": N_(
        "The last reading is of %(last)s, and now it is %(now)s: the logger’s clock or time zone is wrong. Nothing was read in."
    ),
    "logger_imported_already": N_("The file %(name)s was attached before. One file is attached once."),
    # what a reader wants looked at; the file is kept
    "logger_too_seldom": N_(
        "The logger measured only every %(interval_s)s. Beyond %(longest_s)s nobody knows what lay between: the journey stays unknown."
    ),
    "channel_ignored": N_("“%(channel)s” in the file was not read."),
    "count_not_given": N_("The file does not say how many readings it has: a file cut off would not be noticed."),
    "lone_jump": N_("Single readings stand far from their neighbours (%(count)s). Look at them: a door, or damage."),
    "readings_contradict": N_(
        "For %(at)s the record has %(had_mc)s, and the file says %(told_mc)s (%(count)s such times)."
        " Out of limits both count, and a case asks which is true."
    ),
    "maker_differs": N_("The logger’s own figures differ from its readings. Ours are computed from the readings."),
    "zone_differs": N_("The file’s clock runs at UTC %(file)s, the site’s at UTC %(given)s. The file’s was used."),
    "title_unheard": N_(
        "Row %(row)s, above the readings, is not in the words of this format (%(count)s such rows). Look whether it was understood."
    ),
    "zone_not_given": N_(
        "The file does not say in which time zone its clock ran; times are shown as the clock showed them."
    ),
    "unit_assumed": N_("The file names no unit. Its temperatures were taken as °C."),
    "interval_differs": N_("The file says that it measured every %(said_s)s; its readings come every %(found_s)s."),
    "span_differs": N_("The file names the time %(said)s; its readings begin or end at %(found)s."),
    "steps_uneven": N_(
        "Readings come every %(interval_s)s, and otherwise %(count)s times: readings are missing there, or the clock was set."
    ),
    "decimals_uneven": N_("Some temperatures have more decimals than others. Look whether a sign was lost."),
    "readings_missing": N_("Readings without a temperature (%(count)s) were left out. What lies there is not known."),
    "days_missing": N_("Days without a temperature (%(count)s) were left out. What lies there is not known."),
    "days_unheard": N_(
        "Days on which the logger did not hear its sensor all day (%(count)s): out of limits they count, in limits they prove nothing."
    ),
    "maker_signature_missing": N_("The file has no signature of its maker: a change in it would not be noticed."),
    "alarm_differs": N_(
        "The logger marked other readings as out of limits than its limits say, first reading %(reading)s (%(count)s in all)."
    ),
    # other files
    "paper_not_pdf": N_("This is no PDF. Choose the file of a document."),
    "paper_damaged": N_("This PDF cannot be read: it is damaged. Ask for the file again."),
    "paper_encrypted": N_("This PDF is encrypted. Documents from here never are."),
    "paper_costly": N_("This PDF takes more than a document ever does, so it was not read to its end."),
    "paper_busy": N_("Another file is looked into just now. Try again in a minute."),
    "file_refused": N_("This file is not kept. Attach one of: %(kinds)s."),
    # fields
    "text_unreadable": N_("This holds characters that are no text. Type it again."),
    "field_missing": N_("This is needed."),
    "field_unknown": N_("There is no such field here. Leave it out."),
    "field_not_text": N_("Write text."),
    "field_not_a_list": N_("Send a list."),
    "field_not_a_date": N_("Write a date, like 2026-04-14."),
    "field_not_a_moment": N_("Write a time with its zone, like 2026-04-14T03:04:05Z."),
    "field_date_outside": N_("“%(field)s” cannot be %(date)s: from %(low)s to %(high)s is possible."),
    "field_too_short": N_("Write at least %(least)s characters."),
    "field_length": (
        N_("This has to have %(least)s to %(most)s characters, or so many items."),
        N_("This has to have %(length)s characters."),
    ),
    "field_choice": N_("Choose one of: %(words)s."),
    "field_malformed": N_("This does not fit here."),
    "field_too_long": (
        N_("“%(field)s” is too long. Write at most %(most)s characters."),
        N_("This is too long: at most %(most)s characters, or so many items."),
    ),
    "field_unreadable": N_("“%(field)s” holds a sign that is no text. Type it again."),
    "field_not_whole": N_("Write a whole number, like 3."),
    "field_not_a_number": N_("Write a number, like 2.5."),
    "field_too_fine": N_("Write fewer decimals."),
    "field_out_of_range": N_("This is outside what is possible here."),
    "field_not_an_id": N_("Choose one from the list: this id has not 32 hexadecimal digits."),
    "field_control_character": N_("This holds a sign that cannot be printed. Type it again."),
    "field_not_a_flag": N_("Answer true or false."),
    "field_not_an_object": N_("Send one JSON object."),
    "field_given_twice": N_("Give this once."),
    "field_one_file": N_("Send one file, in the field that is called file."),
}
