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
sent-refused = The directory refused it: { $why }

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
sync-under-way = { $count ->
    [one] 1 change is saved here and on its way to the directory.
   *[other] { $count } changes are saved here and on their way to the directory.
}
sync-not-yet = The directory was not reached yet. Nothing waits for it.
sync-unreachable = The directory cannot be reached; it was last heard { $time } ago. It has everything.
reopens-on = reopens on { $day }
sync-technical = For whoever looks after the node: { $problem }
sync-waits = { $count ->
    [one] The directory cannot be reached. 1 change is saved here and waits for it for { $time }.
   *[other] The directory cannot be reached. { $count } changes are saved here; the first waits for it for { $time }.
}

## Messages
problems-title = Problems that caseworkers reported
problems-hint = Correct what is wrong, here or in the file you import.
no-problems = Nobody reported a problem.
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
shown-hint = The node asks the directory for every record it shows in our name, and compares it with what was published here. It does so by itself once a day.
shown-ask = Ask the directory now
shown-asked = The directory was asked; its answer is still to come. Load this page again in a moment.
never-heard = The directory was never reached, so it cannot be asked now.
unreachable = The directory cannot be reached, so it cannot be asked now; it was last heard { $time } ago.
found-title = The last answer
never-asked = The directory was not asked since the node started.
shown-as-published = { $count ->
    [one] The directory shows 1 record, as it was published here.
   *[other] The directory shows all { $count } records as they were published here.
}
shown-differs = { $count } of { $all } records differ from what was published here.
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
plan-failed = Correct it and choose it again.
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
change-missing-hint = They came from a file of this name before. They stay published; agency-node withdraw takes one away.
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
