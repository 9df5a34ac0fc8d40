# The fixed texts of the agency's own page, in English.

## On every page
our-services = Our services
footer = This page is the agency's own. It knows services and how many places are free, and nothing about clients.
nav = Pages
nav-services = Services
nav-messages = Messages
nav-shown = At the directory
nav-import = Import
nav-account = Your account
problem-count = { $count ->
    [one] 1 problem
   *[other] { $count } problems
}
and-more = and { $count } more

## What went wrong
not-found = There is no such page
not-found-why = The address may be mistyped, or what was there is gone.
not-done = This was not done
not-saved = Nothing was changed: this machine could not save it. Try again; when it fails again, tell whoever looks after the node.
stopping = The node is stopping. Nothing was changed. Try again in a minute.
form-too-old = This form is too old. Nothing was changed. Go back to the list and try again.
form-broken = This form is not complete. Nothing was changed. Go back to the list and try again.
wrong-number = Type the number of free places in digits, such as 4.
wrong-unknown = This service is not in your list any more.
wrong-meanwhile = This was changed since the page was made. Look at what it says now, and tap again.
wrong-nothing-to-undo = There is nothing to take back: it was changed again since.
wrong-not-counted = How many places are free was never said. Type the number.
wrong-all-free = { $all ->
    [one] The only place is free already.
   *[other] All { $all } places are free already.
}
wrong-none-free = No place is free already.
wrong-never-said = Nothing was ever said of this service. Say how it is.
wrong-has-changed = It was to open on { $day }, so it is not as it was. Say how it is now.
wrong-more-than-all = { $free } places cannot be free of { $all }. Correct the number.
wrong-open-without-places = It cannot be open with no place free. Tap “Full” or “Waiting list”.
wrong-unit-twice = Each kind of place is counted once.
wrong-clock = The time of this is more than a day in the future. Check the clock of this machine.
import-twice = { $name } is in the file twice. Remove one.
import-record-large = { $name }: { $why }
import-large = It has { $bytes } bytes, and at most { $most } can be published. Shorten its texts.
import-report-wrong = { $service }: { $why }
wrong-no-file = Choose a file.
wrong-too-large = The file is larger than 100 MiB. Split it.
wrong-upload = The file did not arrive whole. Nothing of it was taken. Try again.
wrong-disk = This machine could not keep the file. Nothing of it was taken. Try again.

## Signing in
sign-in = Sign in
not-signed-in = Not signed in
sign-in-name = Name to sign in with
password = Password
forgot-password = Forgot your password? Whoever looks after the node can invite you again.
signed-out = You were signed out because nothing was done for a while. Everything that was saved is saved.
signed-out-late = You were signed out before this was sent. Nothing was changed: sign in and do it again.
signed-out-typed = You were signed out before this was sent. Nothing was changed. The number you typed, { $number }, is kept: sign in to see it again.
late-number = You were signed out before this number was saved. Check it, then tap “Set”.
late-tap = You were signed out before “{ $tap }” was saved. Tap it again.
sign-in-wrong = Name and password do not go together.
sign-in-too-many = Too many tries. Wait a little, then try again.
sign-in-failed = Signing in failed. Try again.
invitation-over = This invitation is not good any more. Ask for another one.
welcome = Welcome
please-correct = Please correct
choose-password = Choose a password. Several words that do not belong together are easy to remember and hard to guess. You sign in as
password-hint = 12 to 128 characters
password-again = The same again
set-password = Set password and sign in
passwords-differ = The two passwords are not the same.
password-length = A password has 12 to 128 characters.
password-guessable = This password is too easy to guess. Take several words.
invitation-over-title = This invitation is not good any more
invitation-over-why = It was used, or it is older than 72 hours. Ask for another one.
signed-in-as = You are signed in as
limited-to = Your account is for the organization
sign-out = Sign out
sign-out-everywhere = Sign out on every device

## The list
skip-to-services = Go to the services
not-changed = Not changed
not-confirmed = These could not be confirmed; the others are
same-all = { $count ->
    [one] Same as before
   *[other] Same as before: confirm all { $count }
}
ageing-notice = { $count ->
    [one] What one service says was published more than five months ago.
   *[other] What { $count } services say was published more than five months ago.
}
ageing-look = Is it still true?
ageing-title = Still true?
ageing-hint = Searches show what nobody has published again for half a year with a warning, and after a year they do not find it any more. Read each service. Tick it if what it says is still true.
ageing-legend = { $count ->
    [one] One service to look over
   *[other] { $count } services to look over, the oldest first
}
ageing-more = When these { $shown } are done, the next ones are shown.
ageing-said = Published
ageing-young = Searches show it as old from { $day } on.
ageing-old = Searches show it as old.
ageing-archived = Searches do not find it any more.
ageing-phones = Telephone
ageing-languages = Languages
ageing-eligibility = Who may come
ageing-fees = Cost
ageing-apply = How to apply
ageing-url = Website
ageing-changed = Leave out what has changed: correct it in your own file or system, and take that in.
ageing-button = What is ticked is still true: publish it again
ageing-nothing = Nothing is ticked. Tick what is still true.
ageing-unknown = One of these services is not in your list any more. Nothing was published. Look again.
ageing-none = Nothing here has been published so long ago that it has to be looked over.
ageing-done = { $count ->
    [one] One service is published again as it is.
   *[other] { $count } services are published again as they are.
}
due = { $count ->
    [one] 1 goes stale soon or is stale.
   *[other] { $count } go stale soon or are stale.
}
services-title = { $count ->
    [one] 1 service
   *[other] { $count } services, what goes stale first on top
}
find = Find a service by its name
find-button = Find
no-services = Nothing is published yet.
no-services-import = Import a file
none-found = No service has such a name.
all-services = Show all
pages = Parts of the list
page-before = Before
page-after = Next
page-of = Part { $page } of { $pages }
last-title = Your last change
last-changed = Saved: { $name }.
last-same = Confirmed, the same as before: { $name }.
last-all-same = { $count ->
    [one] Confirmed, the same as before: 1 service.
   *[other] Confirmed, the same as before: { $count } services.
}
last-undone = Taken back: { $name }.
last-undone-all = Taken back: { $count } services.
undo = Undo
said = Said
said-before = last said: { $state }
places-free = Places free
of-all = of { $all }
places-set = Set
tap-open = Open
tap-waitlist = Waiting list
tap-full = Full
tap-more = One more place
tap-less = One place less
tap-same = Same as before
sent-has = The directory has it.
sent-waits = Saved here; waits for the directory for { $time }.
held-grant = Held: searches do not find it until the directory's operator has seen { $category ->
    [legal] a bar number, or the entry in the roster of recognized organizations.
    [shelter] a licence, or the grant that pays for the beds.
   *[other] a licence.
}
held-name = Held: searches do not find it until the directory's operator has looked at its name, or its organization's.
held-archived = Archived: nobody has said it again for a year, so searches do not find it. Say under “Still true?” that it is so, or import the file that holds it, and it is found again.
held-other = Held: searches do not find it. The directory's operator knows why.
sent-refused = The directory refused it: { $why }

ageing-line = { $count ->
    [one] 1 service has not been published again for 150 days
   *[other] { $count } services have not been published again for 150 days
}
ageing-line-old = ; searches show { $count } as old
ageing-line-archived = ; they do not find { $count } any more
ageing-line-next = ; the next one is shown as old from { $day } on
ageing-line-do = : `agency-node affirm` says what is still true
ageing-letter-subject = { $count ->
    [one] 1 service has not been published again for long
   *[other] { $count } services have not been published again for long
}
ageing-letter-begin = Is what the referral directory says of { $agency } still true? Nobody has published this again for five months or longer. After half a year searches show it with a warning, and after a year they do not find it any more:
ageing-letter-unknown = long ago
ageing-young-said = published { $day }
ageing-old-said = published { $day }; searches show it as old
ageing-archived-said = published { $day }; searches do not find it any more
ageing-letter-more = and { $count } more
ageing-letter-all = If all of this and everything else that is old is still true:
ageing-letter-some = If only some is:
ageing-letter-changed = If something changed, correct it in your own file or system, and take that in. The agency's own page asks the same, service by service.

## States
state-open = Open
state-limited = Few places
state-assess = Open after screening
state-waitlist = Waiting list
state-window = Opens at a stated time
state-paused = Paused
state-full = Full
state-closed = Closed
state-stale = Not known any more
state-unknown = Nothing said yet

## Places
free-client = { $free ->
    [one] 1 place free
   *[other] { $free } places free
}
free-family = { $free ->
    [one] place for 1 family free
   *[other] places for { $free } families free
}
free-bed = { $free ->
    [one] 1 bed free
   *[other] { $free } beds free
}
free-seat = { $free ->
    [one] 1 seat free
   *[other] { $free } seats free
}
free-hour = { $free ->
    [one] 1 hour free
   *[other] { $free } hours free
}
free-case = { $free ->
    [one] room for 1 case
   *[other] room for { $free } cases
}
free-of-client = { $free } of { $all } places free
free-of-family = { $free } of { $all } families' places free
free-of-bed = { $free } of { $all } beds free
free-of-seat = { $free } of { $all } seats free
free-of-hour = { $free } of { $all } hours free
free-of-case = room for { $free } of { $all } cases

waiting = { $count } waiting

## Times
span-moment = a moment
span-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
span-hours = { $count ->
    [one] 1 hour
   *[other] { $count } hours
}
span-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
just-now = just now
ago = { $time } ago
stale-in = Goes stale in { $time }
stale-for = Stale for { $time }

## Whether the directory has it
sync-all = The directory has everything.
sync-held = { $count ->
    [one] The directory has everything. Searches do not find 1 service: it is held.
   *[other] The directory has everything. Searches do not find { $count } services: they are held.
}
sync-under-way = { $count ->
    [one] 1 change is saved here and on its way to the directory.
   *[other] { $count } changes are saved here and on their way to the directory.
}
sync-not-yet = The directory was not reached yet. Nothing waits for it.
sync-unreachable = The directory cannot be reached; it was last heard { $time } ago. It has everything.
reopens-on = reopens on { $day }
sync-technical = For whoever looks after the node: { $problem } It tries again by itself.
sync-stopped = For whoever looks after the node: { $problem } Publishing has stopped until the node is started again.
sync-waits = { $count ->
    [one] The directory cannot be reached. 1 change is saved here and waits for it for { $time }.
   *[other] The directory cannot be reached. { $count } changes are saved here; the first waits for it for { $time }.
}

## Messages
problems-title = Problems that caseworkers reported
problems-hint = Correct what is wrong, here or in the file you import.
no-problems = Nobody reported a problem.
held-title = Held: searches do not find these
held-hint = The directory's operator can release them.
outcomes-title = How referrals went
outcomes-hint = Told once a week, where at least three organizations reported. Who reported is not known to anybody.
refused-title = What the directory refused
refused-hint = The directory shows what it had before.
notices-title = Notices
no-notices = There are none.
conflicts-wait = { $count ->
    [one] 1 record has two versions: somebody has to choose, with agency-node conflicts.
   *[other] { $count } records have two versions: somebody has to choose, with agency-node conflicts.
}
deletions-wait = { $count ->
    [one] 1 deletion waits for a second person at the directory.
   *[other] { $count } deletions wait for a second person at the directory.
}

## What the directory shows
shown-title = What the directory shows of us
shown-hint = The list says how each of our services stands in searches, as far as this node knows.
shown-empty = Nothing is published yet.
shown-nowhere = Not shown: the directory does not have it.
shown-page = Its public page
records-title = Whether the records are ours
records-hint = The node asks the directory for every record that it has in our name, and compares it with what was published here. It does so by itself once a day.
shown-ask = Ask the directory now
shown-asked = The directory was asked; its answer is still to come. Load this page again in a moment.
never-heard = The directory was never reached, so it cannot be asked now.
unreachable = The directory cannot be reached, so it cannot be asked now; it was last heard { $time } ago.
never-asked = The directory was not asked since the node started.
shown-as-published = { $count ->
    [one] The directory has 1 record, as it was published here.
   *[other] The directory has all { $count } records as they were published here.
}
shown-differs = { $count } of { $all } records differ from what was published here.
shown-public = { $count ->
    [one] 1 record was read as anybody reads it, without saying who asks.
   *[other] { $count } records were read as anybody reads them, without saying who asks.
}
shown-public-unread = What everybody is shown could not be read, so only what the directory tells this node was compared.
found-hint = What was just published may still be on its way. What stays different is for the directory's operator.

## Importing
import-title = Import a file
import-hint = You see first what the file would change. Nothing is published before you say so, and nothing is ever removed because a file does not mention it.
import-begun = You began with
file = File
file-hint = HSDS 3.x as JSON, NDJSON or a zip of its tables; or any table saved as CSV, with a map.
map = Map of the columns, for a table that is not HSDS
map-hint = A .toml file that says what each column means.
import-look = See what it would change
import-gone = This import is not here any more. Choose the file again.
import-runs-title = The import runs
import-runs = It runs. Load this page again in a moment.
import-steps = How far it is
import-began = Begun.
import-reading = { $rows ->
    [0] Reading the file.
    [one] 1 row read.
   *[other] { $rows } rows read.
}
import-comparing = { $records ->
    [one] Comparing 1 record with what is published.
   *[other] Comparing { $records } records with what is published.
}
import-applying = { $records ->
    [one] Saving what is new or different of 1 record.
   *[other] Saving what is new or different of { $records } records.
}
import-ended = It has ended.
import-see = See what came of it
plan-title = What this file would change
plan-hint = Nothing is changed yet.
plan-nothing-title = This file changes nothing
plan-nothing = Everything in it that can be published is published already.
plan-done-title = The file is taken in
plan-done = { $count ->
    [0] Saved here. No record was new or different.
    [one] 1 record is saved here and goes to the directory.
   *[other] { $count } records are saved here and go to the directory.
}
plan-failed-title = Nothing of this file was taken
import-broke = A part of this program failed on the way. Look at your services before you try again, and tell whoever looks after the node.
plan-failed = Correct it and choose it again.
plan-choose = Choose a file
plan-fields = What changes: { $fields }{ $more ->
    [0] .
    [one] {" "}and 1 more field.
   *[other] {" "}and { $more } more fields.
}
plan-reports = { $count ->
    [one] The file also says how many places 1 service has free.
   *[other] The file also says how many places { $count } services have free.
}
plan-apply = { $count ->
    [0] Take in what it says of free places
    [one] Publish 1 record
   *[other] Publish { $count } records
}
plan-drop = Drop this import
counts = How the file compares
what = What
count-added = New
count-changed = Changed
count-same = Same
count-missing = Missing
kind-organization = Organization
kind-location = Location
kind-service = Service
change-added = New
change-changed = Changed
change-missing = Missing from the file
change-missing-hint = An earlier file brought them, and this one takes its place. They stay published; agency-node withdraw takes one away.
change-outside = Not yours
change-outside-hint = Your account does not reach these records; they are left out.
rows-refused = Rows that cannot be taken
rows-refused-hint = Correct them in the file; the other rows are not held up.
rows-withheld = Rows kept back
rows-withheld-hint = Their publisher says so, or has to decide.
rows-repaired = Rows taken with a correction
rows-repaired-hint = A field was changed or left out.
records-too-large = Too large to be published
files-skipped = Nothing was read from
row-place = { $file }, { $row }
file-wrong = { $file }: { $why }
file-wrong-at = { $file }, { $place }: { $why }

## Why a row was refused, kept back or changed
why-row-address-extra = Left out: a location has one address. Give the other place a location of its own.
why-row-address-is-phone = Left out: this is a telephone number.
why-row-address-unreadable = This is no U.S. address. Write the street, the city, then the state with the ZIP, with commas between.
why-row-amount-invalid = Left out: write an amount as 35 or 35.50.
why-row-area-unknown = The map knows no such area: it is kept as words and matches no place.
why-row-attribute-empty = It names neither a code nor a term: nothing can be found by it.
why-row-available-exceeds-maximum = More places are free than there are. Correct one of the two.
why-row-capacity-time-missing = The number was left out: say in “updated” when it was true, as 2026-03-04T10:30:00Z.
why-row-cells-extra = It has more cells than there are named columns, so its cells seem to be shifted. Is a separator not in quotation marks?
why-row-cells-missing = It has fewer cells than there are columns, so its cells cannot be told apart.
why-row-confidential-address-in-text = Kept back: the address of a confidential location stands in this text. Take it out there.
why-row-confidential-by-address-words = The address says confidential: it was dropped, and only the county is shown.
why-row-confidential-by-attribute = Marked confidential: the address was dropped, and only the county is shown.
why-row-confidential-by-flag = Marked private: the address was dropped, and only the county is shown.
why-row-confidential-by-same-address = This is the address of a confidential location: it was dropped, and only the county is shown.
why-row-confidential-by-shelter-code = A confidential shelter: the address was dropped, and only the county is shown.
why-row-confidential-by-survivor-shelter = A shelter for survivors of domestic violence, by its name or category: the address was dropped, and only the county is shown.
why-row-confidential-county-unknown = Kept back: a confidential location is shown by its county, and its county is not known. Give its ZIP, or its city and state.
why-row-coordinates-far-from-address = Left out: the coordinates lie far from the address, which was used.
why-row-coordinates-in-metres = The coordinates are in metres. They were turned into degrees where that leads near the address; where not, the address was used.
why-row-coordinates-incomplete = Left out: latitude and longitude belong together. The address was used.
why-row-coordinates-invalid = Left out: write coordinates in degrees, such as 39.2904 and -76.6122. The address was used.
why-row-coordinates-out-of-range = Left out: there are no such degrees. The address was used.
why-row-coordinates-swapped = Latitude and longitude are swapped. They were put right where that leads near the address; where not, the address was used.
why-row-coordinates-zero = Left out: both coordinates are zero. The address was used.
why-row-country-unknown = No country of this name or code is known: taken as the United States.
why-row-currency-invalid = Left out: a currency has three letters, such as USD.
why-row-dangling-reference = It belongs to an id that is in none of the files.
why-row-date-invalid = Left out: write a date as year-month-day, such as 2026-03-04.
why-row-date-rewritten = The date was read as month/day/year.
why-row-do-not-publish = Marked as not to be published: kept back.
why-row-do-not-refer = Marked “do not refer”: kept back.
why-row-duplicate-id-differs = Another row has the same id and says something else: the first was taken.
why-row-duplicate-id-identical = Another row has the same id and says the same: the two were joined.
why-row-eligibility-effect-unknown = A rule says allow or deny.
why-row-eligibility-field-unknown = A rule is about age, nationality, immigration, custody, work_permit, income, months_since_arrival, gender, a code such as el:reg, or own: and words.
why-row-eligibility-without-values = A rule needs values, a minimum or maximum, or words.
why-row-email-invalid = Left out: an e-mail address is written name@domain on one line.
why-row-frequency-unknown = Left out: write WEEKLY or MONTHLY.
why-row-id-missing = Without an id it cannot be followed from one import to the next. Give it one.
why-row-inactive = The status says that it is not active: kept back.
why-row-interval-invalid = Left out: write 1 or more.
why-row-language-mode-unknown = Left out: write staff, ionsite, iphone, docs or chan.
why-row-language-unknown = No language of this name or tag is known. Give its tag, such as es or quc.
why-row-location-virtual = A virtual location is no place: its services are marked as remote.
why-row-longitude-without-sign = The longitude lacks its minus sign. It was put right where that leads near the address; where not, the address was used.
why-row-marked-private = Marked private: kept back.
why-row-name-invalid = Its id or name is empty, too long, or holds characters that cannot be shown.
why-row-name-missing = Without a name it cannot be shown. Give it one.
why-row-number-invalid = Left out: write a whole number with the digits 0 to 9 alone.
why-row-object-unknown = This is no HSDS object that is known here. Name its file after what is in it, such as services.json.
why-row-observed-in-future = It says a time more than a day in the future. Check the clock.
why-row-open-without-places = It says open, and no place is free. Say waitlist, paused or closed.
why-row-organization-missing = It names no organization, nor does its location: “Organization not stated” is shown.
why-row-organization-refused = The organization that it belongs to was refused.
why-row-organization-withheld = Kept back: the organization that it belongs to is kept back.
why-row-person-number-suspected = Left out: it looks like the number of one person, and nothing about a client is listed.
why-row-phone-invalid = A telephone number has 3 to 20 digits and no words.
why-row-phone-premium-rate = A number that costs the caller money (900, 976) is not listed.
why-row-place-unknown = The map finds no such ZIP, city or county: it is found by its service area alone.
why-row-range-reversed = Left out: the smallest value is above the largest.
why-row-record-too-large = It is too long: a service has at most 60 KiB of text. Shorten it.
why-row-recurrence-invalid = Left out: write days as MO,TU or 1MO, and days of the month as 1,15.
why-row-reference-missing = It names no organization, service or location that it belongs to.
why-row-state-unknown = Kept as words: no state or territory of this name or code is known.
why-row-status-unknown = Kept back: the status is none of active, inactive, defunct or temporarily closed.
why-row-street-in-confidential-text = Kept back: a confidential listing has what looks like a street address in this text. Take it out there.
why-row-survivor-shelter-undecided = Kept back: the text speaks of domestic violence and shelter. Say with a column “confidential”, yes or no, whether its address is confidential.
why-row-text-control-character = Left out: the text holds a control character.
why-row-text-defaced = Left out: the text has too many marks on one letter.
why-row-text-empty = Left out: the text is empty.
why-row-text-hidden-character = Left out: the text holds a character that reorders or hides text.
why-row-text-invisible-character = Characters that nobody can see were dropped.
why-row-text-many-lines = Left out: write this on one line.
why-row-text-too-long = Left out: the text is too long.
why-row-time-invalid = Left out: write a time as 2026-03-04T10:30:00Z.
why-row-time-of-day-invalid = Left out: write a time of day as 09:30 or 17:00.
why-row-time-without-zone = The time names no offset from UTC and was taken as UTC.
why-row-time-zone-unknown = Left out: name a time zone as America/New_York. The place's own zone is used.
why-row-unit-twice = Each kind of place is counted once.
why-row-unit-unknown = The number was left out: places are counted in clients, families, beds, seats, hours or cases.
why-row-url-invalid = Left out: a web address starts with http:// or https:// and holds no user name.
why-row-url-lookalike = Left out: the name of the site mixes letters to look like another one.
why-row-url-without-scheme = https:// was put before the web address.
why-row-year-invalid = Left out: write the year with four digits.
why-row-zip-invalid = Kept as words: a ZIP code has five digits.
why-row-zip-unknown = The map knows no such ZIP code: the place was found by the rest of the address.
why-row-zip-zero-restored = The leading zero that a spreadsheet dropped was put back.

## Why nothing of a file is taken
why-file-column-twice = Columns { $one } and { $other } have the same name. Rename one of them.
why-file-field-too-large = A field is far too long. Is a quotation mark missing?
why-file-file-binary = This is no text file. Export it as CSV or JSON in UTF-8.
why-file-file-empty = It is empty. Nothing was read, and nothing is removed.
why-file-file-is-web-page = This is a web page, not data. Log in to the system that it comes from, and export again.
why-file-file-is-workbook = This is a spreadsheet workbook. Open it, and save each sheet as CSV UTF-8.
why-file-file-too-large = It is too large. Split it.
why-file-file-unreadable = This machine could not read it. Try again; when it fails again, tell whoever looks after the node.
why-file-header-missing = It has no header. The first line must name the columns.
why-file-json-invalid = This is not valid JSON.
why-file-json-key-twice = The key “{ $name }” stands twice in one object. Remove one.
why-file-json-too-deep = It nests JSON too deep.
why-file-map-invalid = The map cannot be used. { $detail }
why-file-needs-map = This table is not HSDS. Choose it again, together with a map that says what each of its columns means.
why-file-no-hsds-file = It holds no HSDS file: .json, .ndjson, or tables such as services.csv.
why-file-no-hsds-object = It holds no HSDS organization, service, service_at_location or location.
why-file-quote-unclosed = A quotation mark is opened and never closed. Close it, or double it inside a field.
why-file-text-broken-utf16 = It is broken UTF-16 text. Save it as “CSV UTF-8”.
why-file-text-not-utf8 = It is not UTF-8 text. Save it as “CSV UTF-8”.
why-file-json-too-many-values = It holds far more values than any list of services has. Is it an export of listings?
why-file-too-many-bad-rows = It has more than 10,000 rows that cannot be read. Is it what it says it is?
why-file-too-many-columns = It has more columns than any table has. Is the separator right?
why-file-zip-broken = This is not a complete zip archive. Fetch it again.
why-zip-bomb = The archive is refused: a file in it unpacks to more than 100 times its size.
why-zip-encrypted = The archive is refused: a file in it is encrypted. Export it without a password.
why-zip-link = The archive is refused: it holds a link instead of a file.
why-zip-nested = The archive is refused: it holds an archive itself. Unpack that first.
why-zip-overlap = The archive is refused: its files overlap or misstate their sizes.
why-zip-path = The archive is refused: a name in it leads out of the archive, or is no name.
why-zip-same-name = The archive is refused: two files in it have the same name.
why-zip-too-large = The archive is refused: it unpacks to more than 64 MiB.
why-zip-too-many = The archive is refused: it holds more than 50 files.

## Why the directory refused a change
why-refused-address-for-few = An address that only few may know stays with its agency. Give the county alone.
why-refused-agency-id-invalid = The agency's id is not written as an id is.
why-refused-availability-invalid = This is no way of saying how many places there are.
why-refused-available-exceeds-maximum = More places are free than there are. Correct one of the two.
why-refused-ambiguous = A field is given twice, with two values.
why-refused-base-mismatch = The directory holds another version of this record than the node thinks.
why-refused-byte-quota-exceeded = The agency's records take as much room as was agreed. Shorten or withdraw some, or ask the directory's operator for more.
why-refused-capacity-state-invalid = This is no state that a service can be in.
why-refused-code-invalid = This is no code of the vocabulary.
why-refused-confidential-detail = A location that is known by its county alone is confidential. Leave this out.
why-refused-country-invalid = A country has a code of two letters, such as HN.
why-refused-county-invalid = A county has a FIPS code of five digits.
why-refused-date-invalid = A day is written as 2026-09-01.
why-refused-deletion-held = Many records were deleted within an hour. This one stays until the directory's operator allows more.
why-refused-distance-invalid = This is no distance that can be reached.
why-refused-email-invalid = An e-mail address is written name@domain on one line.
why-refused-frequency-invalid = A schedule repeats WEEKLY or MONTHLY.
why-refused-id-invalid = The id is not written as an id is.
why-refused-language-invalid = A language has a tag, such as es or quc.
why-refused-local-id-mismatch = The record has another id than the change says.
why-refused-missing = This must be given.
why-refused-nation-false = True is the whole nation. For anything else name another area.
why-refused-number-too-large = This number is at most 65,535.
why-refused-observed-in-future = It says a time more than a day in the future. Check the clock of this machine.
why-refused-open-without-places = It cannot be open with no place free.
why-refused-operation-agency = The change is not signed in this agency's name.
why-refused-operation-ancestors = The change names too many earlier ones.
why-refused-operation-epoch = The change does not say which epoch it belongs to.
why-refused-operation-hash = The change names an earlier one wrongly.
why-refused-operation-sequence = The change has no number.
why-refused-operation-too-large = The change is too large. Shorten its texts.
why-refused-person-number-suspected = It holds what looks like the number of one person. Take it out: nothing about a client is listed.
why-refused-phone-invalid = A telephone number has 3 to 20 digits and no words.
why-refused-phone-premium-rate = A number that costs the caller money (900, 976) is not listed. Give another.
why-refused-point-invalid = These are no coordinates in degrees.
why-refused-quota-exceeded = The agency publishes as much as was agreed. Withdraw some, or ask the directory's operator for more.
why-refused-range-reversed = The smallest value is above the largest. Swap them.
why-refused-record-kind-mismatch = The record is of another kind than the change says.
why-refused-record-missing = The change does not carry its record.
why-refused-record-too-large = A record has at most 64 KiB. Shorten its texts or lists.
why-refused-record-unexpected = A withdrawal or deletion carries no record.
why-refused-reference-unknown = The record that it refers to is not published. Publish that first.
why-refused-required = Say which part this is about.
why-refused-rule-field-invalid = This is nothing that a rule can be about.
why-refused-service-unknown = The directory does not know this service, or not at this place, and already waits for as many as it can. Publish the service first.
why-refused-state-invalid = A state has a code of two letters, such as MD.
why-refused-still-referenced = Other records still refer to this one. Withdraw those first.
why-refused-text-control-character = The text holds a control character. Take it out.
why-refused-text-defaced = The text has too many marks on one letter. Take them off.
why-refused-text-empty = The text is empty.
why-refused-text-hidden-character = The text holds a character that reorders or hides text. Take it out.
why-refused-text-many-lines = Write this on one line.
why-refused-text-too-long = It is too long: a name has at most 300 characters, a text 60 KiB.
why-refused-time-invalid = A time of day is written from 00:00 to 23:59, as in 09:30.
why-refused-timestamp-invalid = This is no time.
why-refused-too-many = These are more than one record can hold.
why-refused-ttl-out-of-range = What is said of places is believed for 60 seconds to 30 days.
why-refused-unit-twice = Each kind of place is counted once.
why-refused-unknown-value = The directory does not know this value. Is it older than this node?
why-refused-unreadable = The record cannot be read.
why-refused-unspecified = Nothing was said here. Choose one of the values.
why-refused-url-invalid = A web address starts with http:// or https:// and holds no user name.
why-refused-url-lookalike = The web address mixes scripts, as one that poses as another does. Give it as it is.
why-refused-values-missing = Name at least one value.
why-refused-zip-invalid = A ZIP code has five digits.

## How what the directory shows differs
why-shown-altered = The directory shows another version. What differs: { $fields }.
why-shown-extra = The directory shows it, and this node does not publish it.
why-shown-missing = The directory does not show it, and this node did not withdraw it.
why-shown-not-ours = The directory has it in our name and could not prove that it is ours.
why-shown-public-altered = Everybody else is shown another version. What differs: { $fields }.
why-shown-public-missing = It is not shown to everybody, and this node knows of nothing that keeps it back.
why-shown-same = The directory shows another version that says the same.

## What the directory told us
why-told-clock-ahead = The clock of this machine runs ahead of the directory's. Set it.
why-told-cloned = Two nodes publish as this agency. Was its data directory copied? Use one of them only.
why-told-deletions-allowed = { $count ->
    [one] The directory's operator allows 1 more deletion.
   *[other] The directory's operator allows { $count } more deletions.
}
why-told-held-archived = Archived ({ $count }): nobody has said these services again for a year, so searches do not find them. Say under “Still true?” which are still so, or import the file that holds them.
why-told-held-name = Held: its name, or its organization's, looks like another's or mixes scripts. The directory's operator looks at it.
why-told-held-needs-grant = Held ({ $count }): services of this category are found once the directory's operator has seen { $category ->
    [legal] a bar number, or the entry in the roster of recognized organizations.
    [shelter] a licence, or the grant that pays for the beds.
   *[other] a licence.
}
why-told-outcomes = Of about { $about } referrals that were made while it was shown open, about { $tenths } in 10 were taken. See to it that what you report is what people meet.
why-told-problem-closed-for-good = People report that it is closed for good. Reports: { $count }, the last on { $day }. Check the listing and publish it anew.
why-told-problem-moved = People report that it has moved. Reports: { $count }, the last on { $day }. Check the listing and publish it anew.
why-told-problem-not-as-described = People report that it is not as described. Reports: { $count }, the last on { $day }. Check the listing and publish it anew.
why-told-problem-other = People report that something else is wrong with the listing. Reports: { $count }, the last on { $day }. Check the listing and publish it anew.
why-told-problem-refused-wrongly = People report that it refused somebody whom the listing says it takes. Reports: { $count }, the last on { $day }. Check the listing and publish it anew.
why-told-problem-wrong-address = People report that its address is wrong. Reports: { $count }, the last on { $day }. Check the listing and publish it anew.
why-told-problem-wrong-phone = People report that its telephone number is wrong. Reports: { $count }, the last on { $day }. Check the listing and publish it anew.
why-told-ttl-shortened = Capacity of this kind is believed for at most { $hours ->
    [one] 1 hour.
   *[other] { $hours } hours.
}

## Why there is no connection
why-lost-batch-too-large = What the directory said is larger than this machine can save.
why-lost-bad-answer = The directory's answer makes no sense. Is it of another version?
why-lost-certificate-for-other-name = The directory's certificate is for another name than the address that the node uses.
why-lost-certificate-not-valid-now = The directory's certificate is not valid now. Check the clock of this machine.
why-lost-certificate-refused = The directory refuses this node's certificate. Join it again.
why-lost-connection-broken = The connection broke off.
why-lost-empty-batch = The node tried to save nothing: the fault is in the node.
why-lost-fence-reason-bad-signature = The directory found a signature that is not this agency's. Was the node's data directory taken from another?
why-lost-fence-reason-budget = More came from here than the directory writes down for one agency in so short a time. It is kept here and goes on by itself. Does a program say the same again and again?
why-lost-fence-reason-silent = The directory had heard nothing from this node for ten minutes.
why-lost-fence-reason-certificate = The directory does not take this node's certificate any more.
why-lost-fence-reason-draining = The directory is being restarted.
why-lost-fence-reason-fork = The node's log and the directory's copy are different histories. The node begins anew and sends everything.
why-lost-fence-reason-gap = The directory lacks some changes. The node sends them again.
why-lost-fence-reason-malformed = The directory could not read what the node said. Is it of another version?
why-lost-fence-reason-storage = The directory cannot write just now. Nothing was lost.
why-lost-fence-reason-superseded = Another node speaks for this agency. Was its data directory copied? Use one of them only.
why-lost-fence-reason-suspended = The agency is suspended. Ask the directory's operator.
why-lost-fence-reason-unspecified = The directory ended the session.
why-lost-fence-reason-wrong-epoch = The node and the directory do not speak of the same epoch. The node begins anew.
why-lost-identity-io = This machine could not read or write the node's keys.
why-lost-identity-unusable = The node's keys or its membership cannot be used.
why-lost-journal-not-written = This machine could not save what the directory said.
why-lost-journal-poisoned = Nobody can say what the disk of this machine holds. Start the node again.
why-lost-no-acknowledgement = The directory acknowledged nothing for a while.
why-lost-no-answer = The directory did not answer when the node asked for a new certificate.
why-lost-no-tls = What answers at the address is no directory. Check the port.
why-lost-no-welcome = The directory did not answer hello.
why-lost-not-joined = The node has not joined a directory.
why-lost-old-directory = The directory shows less than it showed before. Its operator has to look.
why-lost-other = The reason has no words here; agency-node status says more.
why-lost-other-authority = What answers at the address is not the directory that this node joined.
why-lost-outbox-inconsistent = What this machine has saved contradicts itself. Start the node again.
why-lost-outbox-unfinished = A part of this program failed while it saved something. Start the node again.
why-lost-protocol-violated = The directory does not keep to the protocol. Is it of another version?
why-lost-refused = The directory refuses to talk to this node. Ask its operator.
why-lost-renewal-refused = The directory gives this node no new certificate. Ask its operator.
why-lost-silent = The directory was silent for too long.
why-lost-stopped = The node is stopping.
why-lost-storage-full = The disk of this machine is full.
why-lost-tls-unusable = The node's certificate cannot be used. Join the directory again.
why-lost-unreachable = The directory cannot be reached.
