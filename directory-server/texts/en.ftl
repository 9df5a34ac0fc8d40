# The fixed texts of the directory's pages, in English.

## On every page
directory = Referral directory
sign-in = Sign in
coverage = Coverage
leave = Quick exit
nav-travel = Several needs
disclaimer = Listed does not mean endorsed. The provider decides whom it takes. Searches are counted by need, county, week and outcome; nothing else of them is kept.

## Not found
not-found-title = Not found
not-found = There is no such page
not-found-why = The address may be mistyped, or what was there is gone.
search-anew = Start a new search

## Search
find-help = Find help that is open now
correct = Please correct
found-title = { $count } found
skip-to-results = Skip to results
signed-out-why = You were signed out because nothing was asked for 15 minutes. What is shown here is what anybody may see. Nothing you typed was lost:
signed-out-do = in this tab, go back, and search again.
fold-words = Words, language, area served
fold-situation = The client’s situation, cost, in person or remote
situation = The client’s situation
situation-hint = Leave empty what you do not know. It is never kept, counted or put in a link. The provider decides.
search = Search
how-title = How to search
how-choose = Choose what is needed and where the client is. Services that take people now come first. Every result says how many places are free, how old that number is, and why it is there.
how-change = Where little is open, the answer says what one change would help.
how-private = Do not type a client’s name, number or story. Nothing here asks for them.
signed-out-link = sign in
label-need = What is needed
label-near = Near
hint-near = ZIP, city with state, county, state or country
label-within = Within
label-words = Words
hint-words = A name, a phone number, or what it is about. Do not type anything about a client.
label-language = Language
label-interpreter = An interpreter by phone will do
label-serves = Serves people who live in
hint-serves = ZIP, city with state, county or state. Only services whose area holds this place are shown.
label-neighbours = Also services for a neighboring county
label-custody = Custody
label-age = Age
hint-age = In years
label-immigration = Immigration situation
label-nationality = Nationality
hint-nationality = A country
label-work-permit = Work permit
label-fee = Cost
label-access = How to reach it
label-show = Show

## The line that says a state
call-first = Call first.
confirmed = confirmed
details-confirmed = { $details }, confirmed
last-report = last report
report-said = said { $details }
state-gone = Not listed any more
state-gone-what = it was withdrawn, or is for others now

## One service
signed-in-as = Signed in: { $role }
notice = Notice:
call = Call
phone = Phone
web-site = Web site (new tab)
place-not-stated = Place not stated
ask-to-see = Ask to see: { $what }
and-more = and { $count } more
open-until = Open now, until { $time } there
closed-now = Closed now
opens-next = Closed now; opens { $time } there
hours-days = { $first } to { $last }
hours-dates = on day { $days } of the month
hours-from = from { $time }
hours-every-month = every month
hours-every-months = every { $number } months
hours-every-weeks = every { $number } weeks
hours-valid-from = from { $day }
hours-valid-to = until { $day }
hours-last = last { $day }
hours-nth = { $number }. { $day }
monday = Monday
tuesday = Tuesday
wednesday = Wednesday
thursday = Thursday
friday = Friday
saturday = Saturday
sunday = Sunday
fact-for = For
fact-apply = How to refer or apply
fact-bring = Documents to bring
fact-languages = Languages
fact-cost = Cost
fact-wait = Usual wait
fact-offers = What it offers
fact-credentials = Credentials
fact-contacts = People to ask for
fact-funding = Paid by
or = { $before } or { $last }
rule-deny = Does not take: { $whom }
rule-about = { $about }: { $words }
who-age-between = people aged { $low } to { $high }
who-age-from = people aged { $low } and older
who-age-to = people aged { $high } and younger
who-age-exactly = people aged { $low }
who-age-any = people of any age
who-age-of = people aged { $values }
who-income-between = people with an income of { $low } to { $high } % of the poverty line
who-income-from = people with an income of { $low } % of the poverty line or more
who-income-to = people with an income of up to { $high } % of the poverty line
who-income-exactly = people with an income of { $low } % of the poverty line
who-income-any = people with any income
who-income-of = people with an income of { $values } % of the poverty line
who-months-between = people who arrived { $low } to { $high } months ago
who-months-from = people who arrived { $low ->
    [one] a month
   *[other] { $low } months
  } ago or earlier
who-months-to = people who arrived in the last { $high ->
    [one] month
   *[other] { $high } months
  }
who-months-exactly = people who arrived { $low ->
    [one] a month
   *[other] { $low } months
  } ago
who-months-any = people whenever they arrived
who-months-of = people who arrived { $values } months ago
who-number-between = { $low } to { $high }
who-number-from = { $low } or more
who-number-to = { $high } or less
who-number-exactly = { $low }
who-number-any = any
who-nationality-of = people from { $values }
who-nationality-any = people of any nationality
who-immigration-asylum-seeker = people who ask, or will ask, for asylum
who-immigration-parolee = people admitted on parole
who-immigration-asylee = people granted asylum
who-immigration-refugee = refugees
who-immigration-special-visa = people with a special immigrant visa
who-immigration-trafficking-certified = certified survivors of trafficking
who-immigration-none = people without an immigration status
who-immigration-any = people in any immigration situation
who-custody-nondet = people who are not in custody
who-custody-det = people in custody
who-custody-det-any = people in custody anywhere in the service area
who-custody-det-fac = people in custody at certain facilities
who-custody-det-rem = people in custody served by phone or video
who-custody-orr = children in federal shelter or foster care
who-custody-atd = people who report or wear a monitor instead of custody
who-custody-rel = people released from custody not long ago
who-custody-any = people in custody or not
who-permit-before = people who have no work permit yet
who-permit-after = people who have a work permit
who-permit-any = people with or without a work permit
who-gender-women = women
who-gender-men = men
who-gender-any = people of any gender
who-el-uac = unaccompanied children
who-el-fam = families with children
who-el-one = adults on their own
who-el-gen = people of one gender
who-el-lgbtq = LGBTQ+ people
who-el-dead = people who have enough days left before a deadline or hearing
who-el-prior = people who already had a lawyer
who-el-crim = people with convictions
who-el-order = people with an earlier removal order
who-el-merit = people whose case was screened and found strong
who-el-reg = people who have a registration or a document
who-el-dv = survivors of domestic or sexual violence
who-el-mob = people with mobility or medical needs
code-released = released from custody not long ago
code-released-days = released from custody within the last { $value } days
code-arrived-months = at most { $value } months since arrival
code-deadline-days = at least { $value } days left before a deadline or hearing
code-docket = court docket
code-months = { $value } months
code-percent = { $value } % of the poverty line
code-ask-which = { $what }: not stated, ask
rule-discretionary = The provider may decide otherwise.
credential-until = good until { $day }
language-staff = staff speak it
language-on-site = interpreter there
language-by-phone = interpreter by phone
language-documents = translated documents
language-channel = on its own line
area-title = Where it serves people
area-not-stated = Not stated: ask.
area-map = The area it serves
area-map-nation = Shaded: the whole country.
area-map-counties = Shaded: counties it serves, as a whole or in part.
area-map-rest = Courts and countries abroad are not drawn.
area-map-dots = { $count ->
    [one] The red dot: where it is.
   *[other] Red dots: where it is.
}
area-zip = ZIP { $zip }
area-nation = The whole United States
area-radius = Within { $miles } miles of where it is
area-court = Cases before { $court }
area-only-for = only for { $whom }
area-not-for = not for { $whom }
past-title = What was reported before
past-long = Show what was reported in the last 30 days (takes a while)
past-none = Nothing was reported since { $day }.
chart-now = now
chart-not-counted = not counted
chart-label = { $count ->
    [one] 1 report
   *[other] { $count } reports
  } since { $day }
chart-numbers = places free from { $least } to { $most }, { $last } at the last
chart-table = The same as a table
chart-when = When
chart-state = State
chart-free = Places free
chart-earlier = and { $count } earlier
others-title = Other services of { $organization }
others-more = There are more: search for its name.
origin-title = Where this comes from
published-by = Published by
agency-silent = The agency that lists this has not been heard from since
origin-note = What is said of the service, its organization and each place is as old as its entry here. The state and the free places have their own age, on top.
origin-service = The service
origin-organization = The organization
origin-location = A place
origin-location-named = The place { $name }
origin-received = Received
origin-checked = Last checked by a person on
origin-not-checked = No person is known to have checked it
origin-source = Read from
origin-signed = Signed with the agency’s key
problem-title = Report a problem with this listing
problem-what = What is wrong?
problem-hint = It goes to the agency that lists this. Nothing about you or a client is sent.
problem-pick = Choose one
problem-choose = Choose what is wrong
problem-send = Report
problem-told = Thank you. The report is recorded, and the agency is told.
problem-too-many = Too many reports came at once. Nothing was lost here: try again in an hour.
problem-failed = The report could not be recorded. Try again in a few minutes.
problem-wrong-phone = Wrong telephone number
problem-wrong-address = Wrong address
problem-moved = It has moved
problem-closed-for-good = Closed for good
problem-not-as-described = Not as described
problem-refused-wrongly = Refused somebody it says it takes
problem-other = Something else

## How a referral went
outcome-title = Did you refer somebody here?
outcome-hint = One tap says how it went. Nothing about the client is sent, and from tomorrow nobody can tell that it was you.
outcome-accepted = Accepted
outcome-full = Full
outcome-not-eligible = Not eligible
outcome-no-answer = No answer
outcome-said = Thank you. You said today: { $outcome }. Another tap replaces it.
outcome-undo = Undo
outcome-taken-back = What you said today is taken back.
outcome-choose = Choose how it went.
outcome-denied = Outcomes are said by signed-in caseworkers, and never of their own agency.
outcome-not-open = It was not shown open in the last 7 days, so nothing needs to be said. Nothing was recorded.
outcome-late = It is not shown open now. Only if you referred somebody while it was, in the last 7 days: say how that went.
outcome-too-many = Too many outcomes came at once. Try again in a minute.
outcome-failed = It could not be recorded. Try again in a few minutes.
outcome-known = { $tenths ->
    [0] Of about { $about } recent referrals while it was shown open, hardly any were taken.
    [10] Of about { $about } recent referrals while it was shown open, nearly all were taken.
   *[other] Of about { $about } recent referrals while it was shown open, about { $tenths } in 10 were taken.
}
reason-referrals-taken = { $tenths ->
    [10] nearly all recent referrals were taken
   *[other] about { $tenths } in 10 recent referrals were taken
}
reason-old = old: its publisher last said this on { $day }; ask whether it is still so
reason-turned-away = { $tenths ->
    [0] hardly any recent referral was taken: call first
   *[other] about { $tenths } in 10 recent referrals were taken: call first
}
outcome-result = How did a referral go?

## How referrals went, for the task force
outcomes-title = How referrals went
outcomes-back = Where people can be helped
outcomes-what = What caseworkers said became of referrals to services that were shown open, by kind of need and by state of the service.
outcomes-rule = Each week is published once, when it is over. A number is told where it is 11 or more, said by at least three organizations of services of at least three agencies, none of them more than 80 % of it. What is not told may be none.
outcomes-failed = What was published cannot be read now. The directory’s log says why.
outcomes-none = Nothing is published yet: a week is published when it is over.
outcomes-too-few = Too little was said in this week for any number to be told.
outcomes-week = Week { $week }
outcomes-need = Need
outcomes-state = State
outcomes-no-state = No state
outcomes-not-told = not told
outcomes-csv = CSV with HXL tags
outcomes-json = JSON

## Too much to do
busy-title = Too busy
busy = The directory has too much to do
busy-why = Nothing is lost. The same page will be here in a few seconds.
try-again = Try again

## While a page is open
live-one = 1 state changed
live-many = { "{n}" } states changed
live-on = States on this page are kept up to date.
live-off = States on this page are not kept up to date now.
live-pause = Pause
live-resume = Go on

## The map under the list
map-title = Where they are
map-label = Map of the results
map-key = A red dot is a place. The number beside it, or at the end of its line, is that of the list, which says the same in words.
map-shaded = Shaded counties hold places that are known by their county alone: number { $numbers }.
map-pin = Number { $number }: { $name }

## Recent searches
recent = Searched lately
recent-where = Need and place, kept in this browser only.
recent-forget = Forget these

## The answer
results = Results
only = Only:
show-all-again = show all again
no-change-helps = No single change would help. Try a more general need, fewer words, or another place.
narrow = Narrow these results
next-results = Next results
first-results = Back to the first results
link-to-search = Link to this search
link-holds = It holds need, place and availability only.
would-help = What would help
still-title = What you can still do
still-any = Show all, also full, paused and unconfirmed ones
still-any-note = Call and ask: a place may be free by now, or they may know another.
still-remote = By phone or video, from anywhere in the country
still-remote-note = Ask whether they serve where the client lives.
still-need = Search more widely for “{ $need }”
still-need-any = Search for any help
still-need-note = Whoever is open may know where to turn.
still-pack = Everything open in this area, to take along
still-pack-note = One file with telephone numbers. It works without network.
what-else = What else there is

## One result
why-here = Why it is here:
checked-long-ago = – old: more than a year ago
printed-as-of = As of { $time }. States change within hours: call first.
reported-by = How full it is was reported by { $agency }.
listing-checked = Listing last checked by a person on
other-places = and at { $count } other { $count ->
    [one] place
   *[other] places
  }

## Signing in
not-signed-in = Not signed in
sign-in-why = Anybody may search. Signed-in caseworkers also see what agencies show to caseworkers alone.
sign-in-provider = Sign in with your organization’s account
sign-in-or = Or with an account of this directory
sign-in-name = Name to sign in with
password = Password
sign-in-hint = You are signed out after 15 minutes without a search. Forgot your password? Ask the operator for a new invitation.

## Taking up an invitation
welcome = Welcome
welcome-hint = Several words that do not belong together are easy to remember and hard to guess.
welcome-choose = Choose a password for
password-length = 12 to 128 characters
password-again = The same again
password-set = Set password and sign in
invitation-over = This invitation is not good any more
invitation-why = It was used, or it is older than 72 hours. Ask the operator for another one.

## Your account
account = Your account
account-keeps = The directory does not keep what you search for.
sign-out = Sign out
sign-out-everywhere = Sign out on every device
account-fresh = You signed in a moment ago.
account-as = You are signed in as
account-is = Your account is { $account }.

## Asking to see
look-why = Why do you need it?
look-hint = 10 to 300 characters. No names of clients: the reason is recorded with your account and the time.
look-show = Show
look-nothing = There is nothing here that you may see
look-nothing-why = It may not exist, or it may be for others. Some of it is for specialists who are signed in.
look-not-stated = Nothing is stated.
look-recorded = That you asked, when and why is recorded.
look-title = Ask to see

## Operators
operator-title = The directory’s operators
operator-denied-title = This page is for operators
operator-denied-again = You signed in too long ago for this: sign in again. Nothing was changed.
operator-denied-role = Your account is not an operator’s. Nothing was changed.
operator-denied-anybody = Sign in with an operator’s account. Nothing was changed.
operator-denied-typed = What you typed is kept on this page. Nothing of it is done until you have seen the form again and sent it.
operator-denied-tab = Sign in, in a new tab
operator-denied-back = Then show the form again, filled in
operator-health = How the directory fares
operator-healthy = Nothing is wrong
operator-alerts = What stands out in the whole country
operator-clock = The machine’s clock was changed, and nobody has checked it: nobody is let in until somebody runs “directory-server clock confirm”.
operator-behind = What was published { $seconds } seconds ago is not found by searches yet.
operator-space-reserved = The disk is almost full: capacity is still accepted, listings are not.
operator-space-none = The disk is full: nothing is accepted.
operator-rebuilding = The directory is being filled again after a total loss: it does not hold everything yet.
operator-no-backup = No backup was ever taken: run “directory-server backup” every night.
operator-old-backup = The last backup was taken { $ago }: run “directory-server backup” every night.
operator-waiting = Waiting for a second person
operator-nothing-waits = Nothing waits.
operator-first = First person
operator-evidence = Evidence
operator-until = until
operator-good-until = Until
operator-look-at = To be looked at
operator-nothing-to-look-at = Nothing.
operator-held = { $count ->
    [one] One service is held: { $category } is not granted
   *[other] { $count } services are held: { $category } is not granted
}
operator-held-names = { $count ->
    [one] One name is held for review
   *[other] { $count } names are held for review
}
operator-alarms = { $count ->
    [one] One alarm: { $code }
   *[other] { $count } alarms, the last: { $code }
}
operator-lapsing = Grants that end within 30 days
operator-nothing-lapses = None.
operator-agencies = Agencies
operator-find = Find an agency by name or id
operator-find-do = Find
operator-shown = { $shown } of { $all }, those that need somebody first.
operator-parts = Parts of the list
operator-part-before = Before
operator-part-next = Next
operator-refused-rows = Which rows were refused
operator-refused-more = and { $count } more
operator-refused-hint = The agency sees the reason in words on its own page, and with agency-node status.
operator-row-organization = Organization
operator-row-location = Location
operator-row-service = Service
operator-row-report = Places of
operator-no-agencies = No agency has been let in yet.
operator-agency = Agency
operator-state = State
operator-heard = Last heard from
operator-certificate = Certificate good until
operator-records = Records
operator-refused = Refused rows
operator-services-used = Services
operator-room-used = Room its records take (KiB)
operator-written = Written down for it lately (MiB)
operator-of-most = { $used } of { $most }
operator-connected = Connected
operator-not-connected = Not connected
operator-silent = Silent
operator-invited = Invited, no node yet
operator-suspended = Suspended
operator-evicted = Evicted
operator-banned = Banned
operator-two-nodes = Stopped: two nodes publish as this agency
operator-enrol = Let an agency in
operator-enrol-do = Make a join token
operator-agency-id = Id
operator-agency-id-hint = Small letters, digits and hyphens, such as harbor-house. It never changes.
operator-agency-name = Name
operator-reviewed = I looked at the name: it may look like another one’s
operator-name-suspicious = The name mixes scripts, or has signs in the place of letters. If it is right all the same, tick that you looked at it.
operator-name-like = The name can be taken for that of { $other }. If it is right all the same, tick that you looked at it.
operator-invited-title = { $agency } may join
operator-token-once = The join token is shown this once and is good for 24 hours. Tell it to the agency over another channel.
operator-old-form = This form is too old, or was not made for you. Nothing was done: try again.
operator-not-done = Nothing was done.
operator-grants = What it may offer
operator-no-grants = Nothing is granted. Services that are not legal, shelter or medical need no grant.
operator-granted-by = Granted by
operator-proposed-by = Proposed by
operator-own = Somebody else has to approve it.
operator-approve = Approve as the second person
operator-names = Names that are held
operator-names-why = They look like another agency’s, mix scripts, or have signs in the place of letters. What they name is not found until a person lets them stand.
operator-clear = Let it stand
operator-alarms-title = Alarms
operator-decide = Decide
operator-recorded = Every decision is recorded with your account and the time.
operator-category = Category
operator-grant = Grant a category
operator-grant-hint = Two people grant: the first proposes, the second says the same.
operator-grant-do = Grant
operator-evidence-hint = Where it is: a bar number, an entry in a roster, a license.
operator-expires = Ends on
operator-expires-hint = Within twelve months, as 2027-06-30.
operator-revoke = Take a grant back, or turn a proposal down
operator-revoke-do = Take back
operator-reason = Reason
operator-stop = Stop the agency
operator-stop-how = How
operator-suspend = Suspend: what it published stays, marked
operator-evict = Evict: its node’s keys are worthless
operator-ban = Ban: nothing of it is shown
operator-stop-do = Stop
operator-readmit = Let it publish again
operator-readmit-do = Let it publish
operator-quota = How many services it may publish
operator-quota-services = Services at most
operator-quota-do = Set
operator-deletions = Let more deletions through
operator-deletions-more = How many more
operator-deletions-hint = The brake holds deletions of many records at once until somebody has asked the agency.
operator-deletions-do = Let through
operator-again = Its node lost its data
operator-again-hint = The node that joins with the new token takes its place. The old keys are worthless from then on.
operator-again-do = Make a join token
operator-day-wrong = Write the day as 2027-06-30.
operator-standing-wrong = Choose how.
operator-number-wrong = Write a number from 1 to 1,000,000.
operator-not-fresh = You signed in too long ago for this: sign in again. Nothing was done.
operator-category-legal = Legal
operator-category-shelter = Shelter
operator-category-medical = Medical
operator-category-wrong = Choose a category: legal, shelter or medical.
operator-id-wrong = An id has 2 to 40 small letters, digits and hyphens, such as harbor-house.
operator-unknown-agency = There is no such agency.
operator-expiry-wrong = A grant ends between tomorrow and twelve months from now.
operator-same-person = You proposed this grant. A second person has to look at the evidence and approve it.
operator-grant-differs = Another evidence or end was proposed for this category. Say the same, or turn that proposal down first.
operator-nothing-granted = Nothing of this category is granted or proposed.
operator-already-joined = Its node has joined already. A second node needs an agency id of its own.
operator-not-joined = Its node has not joined yet, so it cannot join again.
operator-is-banned = It is banned: let it publish again first.
operator-disk-full = The directory’s disk is full, so nothing was done. Free some space and try again.
operator-stopping = The directory is shutting down, so nothing was done. Try again in a minute.
operator-failed = It could not be done, and nothing was changed. The directory’s log says why.
operator-text-empty = Fill this in.
operator-text-too-long = This is too long: shorten it.
operator-text-many-lines = Write this on one line.
operator-text-signs = This holds signs that cannot be seen or shown: type it again.
operator-done-proposed = Proposed. A second person has to say the same.
operator-done-granted = Granted.
operator-done-revoked = Taken back.
operator-done-suspended = Suspended.
operator-done-evicted = Evicted.
operator-done-banned = Banned. Nothing of it is shown.
operator-done-readmitted = It may publish again.
operator-done-quota = Set.
operator-done-deletions-allowed = Let through.
operator-done-name-cleared = The name stands.

## Several needs at one place, and the hand-out
travel = Several needs at one place
travel-skip = Skip to results
travel-signed-in = Signed in: { $role }
travel-signed-out = You were signed out because nothing was asked for 15 minutes. What is shown here is what anybody may see. Nothing you typed was lost.
travel-needs = What is needed
travel-needs-hint = Tick up to 8. Organizations that cover more than one come first.
travel-near = Where to
travel-near-hint = ZIP, city with state, county, state or country
travel-radius = How far around it
travel-fold = Language, the client’s situation, cost
travel-spoken = Language spoken there
travel-interpreter = An interpreter by phone is enough
travel-situation = The client’s situation
travel-situation-hint = Leave empty what you do not know. It is never kept, counted, put in a link or printed. The provider decides.
travel-custody = Custody
travel-age = Age
travel-age-hint = In years
travel-immigration = Immigration situation
travel-nationality = Nationality
travel-nationality-hint = A country
travel-permit = Work permit
travel-fee = Cost
travel-show = Show
travel-submit = Search all needs
travel-at = near { $place }
travel-count = { $total ->
    [0] Nothing found.
    [one] 1 service found, { $open } open now.
   *[other] { $total } services found, { $open } open now, { $shown } shown.
}
travel-several = One organization for several needs
travel-alone = All results and what would help: { $need }
travel-link = Link to this page
travel-link-hint = It holds the needs and the place only.
travel-how = How to use this page
travel-how-needs = Tick everything the client needs and say where the client goes. There is a list for each need.
travel-how-paper = Then make a hand-out in the client’s language: one sheet for each need, phone numbers first.
travel-how-private = Do not type a client’s name, number or story. Nothing here asks for them.
travel-back = Back to several needs
handout-what = A hand-out is one sheet for each need, to print. It shows only what anybody may see, and nothing about the client.
handout-language = Language of the hand-out
handout-make = Make a hand-out
handout-print = Print this page with the browser: one sheet for each need. In another language:
pack-open = Offline pack of this area
pack-hint = One file with everything open there. It works without network.

## The offline pack
pack-title = Offline pack
pack-what = A pack is one file with everything that takes people now in an area, grouped by need. It works without network, holds only what anybody may see, and says until when it may be used. It holds at most 1,500 services.
pack-near = Area
pack-make = Make a pack
pack-ready = The pack is ready
pack-said = { $services ->
    [0] Nothing is open near { $place } now.
    [one] 1 service near { $place }, { $size } kB.
   *[other] { $services } services near { $place }, { $size } kB.
}
pack-save = Save the pack
pack-heading = Open now: { $place }
pack-nothing = Nothing is open here now:
pack-from = Parts of this list are too old from
pack-until = Do not use any of it after
pack-parts = Each service says until when it may be used: places go quickly. Call first.
pack-made = Made on
pack-count = { $services ->
    [one] 1 service.
   *[other] { $services } services.
}
pack-left-out = { $services } more did not fit in: make a pack of a smaller area.
pack-newer = A newer list:
pack-contents = Needs
pack-part-from = Some of this part is too old from
pack-entry-until = Do not use this after
pack-reported = reported on
pack-above = described above
disclaimer-pack = Listed does not mean endorsed. The provider decides whom it takes. Nothing in this file is about a client.

## Coverage: the report
coverage-title = Where people can be helped
coverage-heading = Where people can be helped, and where not
coverage-skip = Skip to the report
coverage-ask = What to report on
coverage-need = What is needed
coverage-measure = What to measure
coverage-miles = Distance that counts as near
coverage-miles-hint = In miles
coverage-where = Where
coverage-day = On the day
coverage-day-hint = Empty: now. A past day, such as 2026-11-22: as it was known at its end, UTC.
coverage-who = Who needs help, and how
coverage-who-hint = A group of people, never one client. The provider decides.
coverage-how = How it is counted
coverage-demand = People by
coverage-organizations = Organizations
coverage-organizations-hint = How many different ones, where several are measured
coverage-unit = Places are counted in
coverage-assumed = An open provider without a count stands for
coverage-assumed-hint = Places
coverage-rings = Rings of places in reach
coverage-rings-hint = Miles and weights: 10:1, 30:0.68, 60:0.22
coverage-compare = Compare languages
coverage-show = Show
coverage-whole = The whole country
coverage-skip-map = Skip the map: the same numbers as a table
coverage-map-title = { $title }, { $area }. The table below says the same.
coverage-states-lead = Each state leads to its counties.
coverage-counties-lead = Each county leads to what is there.
coverage-worst = Worst gaps
coverage-worst-none = No county has a number that may be published.
coverage-people = { $people } people
coverage-people-rural = { $people } people, rural
coverage-n = n = { $n }
coverage-take = Take it along
coverage-can-be = Can be
coverage-number = n
coverage-column-people = People
coverage-evenly = How evenly it is spread, in the whole country
coverage-gini = Gini coefficient over people: { $gini } (0: all have the same; towards 1: few have everything).
coverage-means = What the numbers mean
coverage-how-title = How to ask
coverage-how-choose = Choose what is needed and what to measure. The map and the table under it say the same numbers.
coverage-as-of = As of
coverage-demand-of = People: { $demand }.
coverage-back = Back to the report

## Coverage: alerts
alerts-title = Alerts
alerts-title-count = Alerts ({ $count })
alerts-count = { $count ->
    [0] Nothing stands out, as of
    [one] 1 alert, as of
   *[other] { $count } alerts, as of
}
alerts-not-yet = It has not been looked for alerts since the directory started: come back in a minute.
alerts-missed = Not looked for:
alerts-since = Known since
alerts-feed = The same as a feed (Atom)
alerts-what = Looked for are: needs whose last open provider is gone, against a week ago; agencies silent for more than twice the time their reports are believed; searches that end with nothing open more often than in the weeks before, as far as published; credentials and certificates that lapse within 30 days. The operator decides which needs and who gets them by mail.
alerts-feed-title = { $directory }: alerts
alerts-last-open-gone = Last open provider gone
alerts-agency-silent = Agencies not heard from
alerts-dead-ends-rising = More searches find nothing open
alerts-credential-lapses = Credentials about to lapse
alerts-grant-lapses = Certificates of agencies about to lapse

## Coverage: the brief
brief-title = Brief
brief-print = Print this page: it fits one sheet.
brief-heading = { $title }, { $area }
brief-map = Map: { $title }, { $area }. The list of the worst gaps and the report’s table say the same.

## Coverage: one county
county-all = All counties of { $state }
county-rural = rural
county-not-rural = not rural
county-without = Reach nobody open, however far
county-without-people = people
county-there = What is there
county-open = open and confirmed in time
county-stale = not confirmed in time: may or may not be open
county-unknown = never said
county-not-open = with a waiting list, paused or closed
county-remote = more open by phone, video or message, from anywhere.
county-nearest = What is nearest
county-none = None.
county-nobody = Nobody open can be reached.
county-near = { $distance } from where most people live, { $places }
county-near-people = { $distance } from where most people live, { $places }; the nearest for { $people } people
county-depends-title = On whom it depends
county-depends = If it closed, { $people } people ({ $share }) would have nothing open within { $within }.
county-depends-none = No single organization: if any one closed, nobody would lose the last that is open within { $within }.
county-searches = How searches ended
county-searches-none = No searches were published for this county and need.
county-searches-caption = Searches; fewer than 11 are not told
county-searches-week = Searches of week { $week }; fewer than 11 are not told
county-ending = Ending
county-searches-column = Searches
county-nothing = Nobody in the table of demand lives here, so there is nothing to report.
county-beside = Counties beside it
county-alone = It borders no other county.
county-what-if = What if there were more places here
county-topic = { $topic }: { $endings }
county-or = { $first } or { $second }
county-some-service = A service
county-listed-no-more = an organization that is listed no more
county-nobody-in-table = nobody in the table of demand
ending-open = found something open
ending-capacity = nothing had room
ending-area = what was open is too far or serves elsewhere
ending-eligibility = what was open takes other clients
ending-language = what was open speaks other languages
ending-none = no single cause
topic-any = Any help
topic-other = Other help

## Coverage: week by week
trend-title = Week by week
trend-heading = { $title }, week by week
trend-how = The line is the value, the band from the least to the most it can be. A cross marks a week in which there was none.
trend-chart = { $label }. The table below has every week.
trend-every = Every week
trend-without = Without any
trend-open = Open
trend-stale = Not confirmed
trend-unknown = Never said
trend-half = Half no farther than
trend-on = { $value } on { $day }
trend-from-to = { $name }: { $first }, { $last }

## Coverage: what if
what-if-title = What if
what-if-heading = What if there were more places
what-if-form = Places to add
what-if-where = Where
what-if-where-hint = ZIP, city with state, or county
what-if-places = How many places
what-if-places-hint = Open places of a new organization that serves whoever is near
what-if-show = Show what changes
what-if-added = { $count ->
    [one] 1 more place near
   *[other] { $places } more places near
}
what-if-nothing = Nothing would change: no county’s value is another.
what-if-changed = { $count ->
    [one] 1 county with { $people } people would have another value.
   *[other] { $number } counties with { $people } people would have another value.
}
what-if-before-after = Before and after
what-if-country = The whole country, before and after
what-if-figure = Figure
what-if-before = Before
what-if-after = After
what-if-area = { $area }, after
what-if-map = { $title }, { $area }, with the places added
what-if-counties = Counties that change
what-if-counties-all = Counties that change: { $heading }
what-if-counties-most = Counties that change, the { $count } with most people: { $heading }
what-if-how = Say where and how many. The report is made twice, without and with these places; nothing is published or kept.
what-if-next = Where the next providers would help most
what-if-next-how = Each brings somebody open within { $within } to people who have nobody so near, after those before it.
what-if-more-people = more people
what-if-covered = { $covered } then have somebody

## Coverage: amounts and columns
coverage-nation = The United States
coverage-county = County
coverage-state = State
coverage-csv = CSV with HXL tags, for spreadsheets
coverage-geojson = GeoJSON, for maps
coverage-json = JSON, for programs
coverage-far = The more a color stands out from the page, the farther.
coverage-hard = The more a color stands out from the page, the harder help is to reach.
coverage-brief = One page to print
coverage-doubt = { $stale } of what matches was not confirmed in time, { $unknown } never said: the bounds show what that can change.
coverage-doubt-stale = { $stale } of what matches was not confirmed in time: the bounds show what that can change.
coverage-doubt-unknown = { $unknown } of what matches never said: the bounds show what that can change.
coverage-half = Half of the people have no farther than
coverage-ninety = Nine in ten have no farther than
coverage-farther = Farther than { $miles }
coverage-without = No open provider at all
coverage-label = { $name }: { $said }
coverage-label-nobody = { $name }: nobody in the table of demand
coverage-by-state = The same numbers by state; each leads to its counties
coverage-by-county = The same numbers by county of { $state }
coverage-beyond = People farther than 60 miles
coverage-open-here = Open in the county
coverage-distance = Distance
coverage-reached = People reached
coverage-per-thousand = Places for each 1,000
coverage-per-place = People for each place
coverage-dead-ends = Dead ends
coverage-wait = Wait
coverage-rural = Rural counties
coverage-urban = Other counties
coverage-speakers = People with { $language } within { $within }
coverage-demand-from = { $name } of { $date } ({ $source })
amount-line = { $value } ({ $bounds }, n = { $n })
amount-none = none
amount-withheld = not published
amount-certain = no doubt
amount-range = { $from } to { $to }
amount-people = { $count ->
    [one] 1 person
   *[other] { $number } people
}
amount-days = { $count ->
    [one] 1 day
   *[other] { $number } days
}
amount-miles = { $count ->
    [one] 1 mile
   *[other] { $number } miles
}
amount-under = under 0.5%
amount-over = over 99.5%
amount-not-counted = places not counted
coverage-counties = { $count ->
    [one] 1 county
   *[other] { $number } counties
}
coverage-counties-people = { $counties }, { $people } people
coverage-class-nobody = Nobody in the table of demand
coverage-class-none = None: nobody open is in reach
coverage-class-withheld = Not published: too few searches

## What the lists offer, and amounts
choice-need-any = Any help
choice-need-dom-leg = Immigration lawyer or legal help
choice-need-lc-asy-aff = – asylum, no court case
choice-need-lc-asy-def = – asylum in immigration court
choice-need-lc-bond = – bond or release from detention
choice-need-lc-rem-def = – defense against removal
choice-need-lc-ead-asy = – work permit, asylum pending
choice-need-lc-tps = – temporary protected status
choice-need-dom-oleg = Other legal help (eviction, family, benefits)
choice-need-dom-mhp = Mental health and psychosocial support
choice-need-dom-hou = Housing and shelter
choice-need-ho-es = – emergency shelter
choice-need-dom-voc = Work and training
choice-need-dom-edu = School and English classes
choice-need-dom-med = Medical care
choice-need-dom-fme = Forensic evaluation for a claim
choice-need-dom-dir = Food, cash, clothing, transport
choice-need-da-food = – food
choice-need-dom-cas = Case management
choice-need-dom-ori = Orientation
choice-need-dom-int = Interpretation and translation
choice-need-dom-bor = Border or release shelter
choice-need-dom-rri = Safe return and reintegration
choice-need-dom-oth = Other
choice-language-any = Any language
choice-access-any = In person or remote
choice-access-in-person = In person
choice-access-remote = By phone, video or message
choice-fee-any = Any
choice-fee-free = Free
choice-fee-low-cost = Free or low cost
choice-custody-any = Not stated
choice-custody-nondet = Not in custody
choice-custody-det = In custody
choice-custody-rel = Released lately
choice-custody-atd = Reports or wears a monitor instead of custody
choice-custody-orr = Child in federal shelter or foster care
choice-immigration-any = Not stated
choice-immigration-asylum-seeker = Asks, or will ask, for asylum
choice-immigration-parolee = Admitted on parole
choice-immigration-asylee = Granted asylum
choice-immigration-refugee = Admitted as a refugee
choice-immigration-special-visa = Special immigrant visa
choice-immigration-trafficking-certified = Certified survivor of trafficking
choice-immigration-none = No immigration status
choice-work-permit-any = Not stated
choice-work-permit-before = Has none yet
choice-work-permit-after = Has one
choice-availability-open = Open now
choice-availability-waitlist = Open or with a waiting list
choice-availability-unconfirmed = Not confirmed: call first
choice-availability-any = All
choice-miles = { $miles } miles
choice-measure-nearest-open = How far the nearest open provider is
choice-measure-coverage-at = People with an open provider within a distance
choice-measure-organizations = People with several organizations within a distance
choice-measure-catchment = Open places in reach for each 1,000 people
choice-measure-people-per-place = People for each open place in the county
choice-measure-dead-ends = Searches that found nothing open
choice-measure-time-to-first-open = Days until something within a distance is open
choice-unit-any = What most open providers count
choice-unit-client = Clients
choice-unit-family = Families
choice-unit-bed = Beds
choice-unit-seat = Seats
choice-unit-hour = Hours
choice-unit-case = Cases
amount-free-client = { $count ->
    [one] 1 client free
   *[other] { $number } clients free
}
amount-free-family = { $count ->
    [one] 1 family free
   *[other] { $number } families free
}
amount-free-bed = { $count ->
    [one] 1 bed free
   *[other] { $number } beds free
}
amount-free-seat = { $count ->
    [one] 1 seat free
   *[other] { $number } seats free
}
amount-free-hour = { $count ->
    [one] 1 hour free
   *[other] { $number } hours free
}
amount-free-case = { $count ->
    [one] 1 case free
   *[other] { $number } cases free
}
coverage-class-from = { $edge } and more
coverage-class-to = Up to { $edge }
coverage-class-less = Less than { $edge }
coverage-class-more = More than { $edge }
coverage-class-any = Any number

## The answer and its results
answer-count = { $total ->
    [0] Nothing found
    [one] 1 service found
   *[other] { $total } services found
}
answer-open = { $open ->
    [0] {", "}none open now
   *[other] {", "}{ $open } open now
}
answer-shown = {", "}{ $first } to { $last } shown
answer-near = near
answer-serving = {", "}serving
best = Best of them: { $name }, { $organization } – { $state }
best-mile = Best of them: { $name }, { $organization } – { $state }, about a mile away
best-miles = Best of them: { $name }, { $organization } – { $state }, { $miles } miles away
best-not-known = capacity not known
facet-need = What they offer
facet-language = Language
facet-access = How to reach them
facet-fee = Cost
facet-state = Who has room
facet-place = Where they are
hidden-members = For signed-in caseworkers: { $parts }
hidden-here = Not shown here: { $parts }
hidden-both = For signed-in caseworkers: { $members }. Not shown here: { $few }
part-description = description
part-phones = telephones
part-contacts = people to ask for
part-web = web site and e-mail
part-hours = hours
part-intake = how to apply
part-capacity = how many places are free
reason-near = near the place you searched
distance-mile = about a mile or less
place-confidential = { $area } (address confidential)
fact-to-apply = To apply
look-reason = Say in 10 to 300 characters why you need it; no names of clients: it is recorded.
look-failed = It could not be recorded that you asked, so nothing is shown. Nothing you typed was lost: try again.
form-too-old = This form is too old: try again.
password-differs = The two passwords are not the same.
password-wrong-length = A password has 12 to 128 characters. Several words are easy to remember.
password-guessable = This password is too easy to guess: take several words that do not belong together.
refused-wrong = Name and password do not go together.
refused-too-many = Too many tries: wait a little, then try again.
refused-invitation = This invitation is not good any more: ask for another one.
refused-not-invited = You are not known here: ask the operator for an invitation.
refused-failed = Signing in failed: try again.
role-caseworker = caseworker
role-specialist = specialist
role-task-force = task force
role-agency-staff = agency staff
role-operator = operator
token-refused = This token is not good: it is mistyped, too old or revoked.

## What to know about the directory itself
notice-emptied = This directory lost its records and is being filled again by its agencies. Much may be missing: what is not found here may still exist.
notice-clock-suspect = The directory’s clock was changed and nobody has checked it yet: how old a number is, and what day it is, may be told wrongly.
notice-just-started = The directory has just started and waits for { $awaited } of { $of } agencies to come back: what they reported meanwhile may be missing for a few minutes.
notice-contact-lost = The directory has lost contact with { $silent } of { $of } agencies at once. What they said before is shown with its age; newer reports may be missing, so call first.
notice-from-nothing = The directory lost its data and its agencies are filling it again: what is not found may only not be there yet.
notice-rebuilding = { $agencies ->
    [one] The directory was restored from a backup and 1 agency has not yet sent again what changed since: listings may be missing or old for a few minutes.
   *[other] The directory was restored from a backup and { $agencies } agencies have not yet sent again what changed since: listings may be missing or old for a few minutes.
}
notice-budget-spent = You have seen { $listings } listings for caseworkers today, which is the most. Until midnight (UTC) you are shown what everybody sees.
notice-index-behind = Listings that agencies changed in the last { $seconds } s may not be found yet. Free places are up to date.

## Words the pages share with the services and the command line
capacity-never = never reported
capacity-was-to-reopen = was to reopen on { $day }
capacity-waiting = { $count } waiting
capacity-wait = wait { $weeks }
capacity-to-reopen = to reopen on { $day }
capacity-before-restore = reported before the directory was restored
capacity-line-said = {", "}last report { $age } said { $details }
capacity-line-call = {": "}call first
capacity-line-confirmed = {", "}confirmed { $age }
ago-now = just now
ago-minutes = { $count ->
    [one] 1 minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] 1 hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] 1 day ago
   *[other] { $count } days ago
}
capacity-open = open
capacity-limited = few places
capacity-assess = after screening
capacity-waitlist = waiting list
capacity-window = opens at a stated time
capacity-paused = paused
capacity-closed = closed to new people
capacity-not-known = not known
wait-under-two = under 2 weeks
wait-two-to-six = 2 to 6 weeks
wait-six-to-twelve = 6 to 12 weeks
wait-over-twelve = over 12 weeks
unit-client = { $count ->
    [one] client
   *[other] clients
}
unit-family = { $count ->
    [one] family
   *[other] families
}
unit-bed = { $count ->
    [one] bed
   *[other] beds
}
unit-seat = { $count ->
    [one] seat
   *[other] seats
}
unit-hour = { $count ->
    [one] hour
   *[other] hours
}
unit-case = { $count ->
    [one] case
   *[other] cases
}
places-no = no { $unit }
places-some = some { $unit }
places-of = { $free } of { $most } { $unit }
places-free = { $free } { $unit }
places-most = of { $most } { $unit }, how many are free is not stated
places-not-stated = number of { $unit } not stated
change-line = { $text }: { $count }
change-line-note = { $text }: { $count } ({ $note })
change-waitlist = With a waiting list
change-unconfirmed = Not confirmed, call first
change-widen = Within { $miles } miles
change-interpreter = By phone interpreter
change-any-language = In any language
change-remote = Remote
change-in-person = In person
change-neighbours = For a neighboring county
change-any-fee = At any fee
change-without = Leaving out { $what }
change-without-term = Without “{ $term }”
change-note-neighbours = ask whether they make an exception
change-note-without = the provider may say no
about-age = age
about-nationality = nationality
about-immigration = immigration situation
about-custody = custody
about-work-permit = work permit
about-income = household income
about-months = time since arrival
about-gender = gender
about-counsel = earlier lawyers
about-convictions = convictions
about-orders = earlier removal orders
about-merits = a screening of the case
about-documents = registration or documents
about-violence = domestic or sexual violence
about-mobility = mobility or medical needs
about-deadline = days left before a deadline or hearing
reason-words = matches your words
reason-in-county = in { $county }; address confidential
reason-in-region = in the place you searched
reason-serves-neighbour = serves { $county }, next to the place you searched: ask
reason-may-serve-neighbour = may serve { $county }, next to the place you searched: ask
reason-area-not-stated = area served not stated: ask
reason-location-not-stated = location not stated
reason-organization-nearby = its organization has an office { $distance } away
reason-remote = by phone, video or message
reason-remote-assumed = remote; assumed to serve { $state }: ask
reason-remote-not-stated = remote; area not stated: ask
reason-by-interpreter = { $language } (interpreter by phone, any language)
reason-credential-not-stated = who represents clients in court is not stated: ask
reason-fits = { $what } fits
reason-not-stated = no rule stated on { $what }
reason-provider-decides = { $what }: the provider decides
reason-ask = ask about { $what }
distance = { $miles } miles
distance-about = about { $miles } miles
reason-nation = the whole country
reason-radius = within { $distance } of its office
reason-court = cases at { $court }
reason-serves = serves { $area }
reason-serves-part = serves { $area } (part of the place you searched)
reason-may-serve = may serve { $area }
reason-may-serve-part = may serve { $area } (part of the place you searched)
speaks = { $language }
speaks-staff = { $language } (staff)
speaks-on-site = { $language } (interpreter on site)
speaks-by-phone = { $language } (interpreter by phone)
speaks-documents = { $language } (documents)
speaks-channel = { $language } (on this line)

phone-extension = { $number } extension { $extension }

## What is wrong with what was typed: wrong-, and the code of the reason
wrong-field-private = What a search says of the client is never in a link: check it and press Search.
wrong-field-unknown = This page has no such field: start from the form.
wrong-filter-unknown = This narrows no search: choose one of the values below the results.
wrong-too-many-filters = Too many values narrow this search: remove one first.
wrong-radius-invalid = A radius is a number of miles, more than 0.
wrong-radius-out-of-range = A radius is more than 0 and at most 310 miles.
wrong-radius-without-place = A radius needs a place: say near where.
wrong-availability-invalid = Choose one of the list: open now, with a waiting list, not confirmed, or all.
wrong-body-invalid = What was sent is too long, or broke off: shorten it and try again.
wrong-search-busy = Too many people search at once. Nothing you typed was lost: try again in a few seconds.
wrong-search-failed = The search failed. Nothing you typed was lost: try again.
wrong-near-missing = Say which area: a ZIP, city, county or state.
wrong-need-code = There is no such need: choose one of the list, or write a code such as lc:bond.
wrong-need-two-domains = These needs are of different kinds: search for each by itself, or for several needs at once.
wrong-need-too-many = One need has at most 32 codes: leave some out.
wrong-need-empty = Choose what is needed.
wrong-too-many-needs = At most 8 needs are searched at once: untick some.
wrong-text-too-long = The words are longer than 256 characters: use fewer.
wrong-text-without-words = The words hold no letter or digit: type a word, a name or a phone number.
wrong-text-control-character = The words hold a sign that cannot be searched: type them again.
wrong-too-many-languages = A search names at most 16 languages: leave some out.
wrong-limit-out-of-range = A search shows 1 to 200 results.
wrong-too-many-shown = 1,000 results were shown, and no more are: narrow the search.
wrong-access-invalid = Choose one of the list: in person or remote, in person, or by phone, video or message.
wrong-fee-invalid = Choose one of the list: any, free, or free or low cost.
wrong-custody-invalid = Choose a situation of the list, or leave it empty.
wrong-age-invalid = An age is a whole number of years from 0 to 120.
wrong-immigration-invalid = Choose a situation of the list, or leave it empty.
wrong-nationality-invalid = There is no such country: write its name or its two letters, such as HN.
wrong-work-permit-invalid = Choose whether there is a work permit, or leave it empty.
wrong-code-invalid = This narrows no search: choose one of the values below the results.
wrong-state-invalid = This narrows no search: choose one of the states below the results.
wrong-in-state-invalid = There is no such state: choose one of the values below the results.
wrong-language-invalid = There is no such language: choose one of the list, or write its tag, such as es, ht or zh-Hant.
wrong-cursor-unreadable = There is no such page of results: search again.
wrong-cursor-of-another-search = This page of results belongs to another search: search again.
wrong-cursor-of-a-bundle = Several needs have no further pages: search for one need alone.
wrong-place-unknown = There is no such place: write a ZIP such as 78017, a city with its state such as Dilley, TX, a county with its state, a state or a country.
wrong-place-ambiguous = Several places have this name. Write one of: { $named }{ $more ->
    [0] .
   *[other] ; and { $more } more.
}
wrong-place-misspelt = No place is spelt like that. Did you mean { $named }{ $more ->
    [0] ?
   *[other] ; or one of { $more } more?
} Otherwise write the ZIP.
wrong-place-empty = A place is missing: write a ZIP such as 78017, or a city with its state such as Dilley, TX.
wrong-place-too-long = A place is named in at most 200 characters.
wrong-place-no-such-point = A point is latitude and longitude in degrees, on land, such as 29.4,-98.5.
wrong-place-unknown-zip = No ZIP begins with these three digits: check it, or write the city and its state.
wrong-place-zip-elsewhere = That ZIP is in { $named }, not in the state written with it: correct one of them.
wrong-place-unknown-in-state = There is no city or county of that name in { $named }: check the spelling, or write the ZIP.
wrong-place-missing = Say where: a ZIP, a city with its state, or a county.
wrong-place-too-wide = Places can be added at a ZIP, a city or a county of the United States.
wrong-places-invalid = Type a whole number of places, 1 to 100,000.
wrong-state-unknown = There is no such state: choose one of the list.
wrong-measure-unknown = There is no such measure: choose one of the list.
wrong-miles-invalid = A distance is a number of miles, more than 0 and at most 310.
wrong-number-invalid = Type a whole number, 1 or more.
wrong-rings-invalid = Rings are miles and weights from the inside out, such as 10:1, 30:0.68, 60:0.22.
wrong-date-future = The day is in the future: choose today or a day before.
wrong-date-invalid = A day is written year-month-day, such as 2026-11-22.
wrong-as-of-future = A report is of now or of the past: choose today or a day before.
wrong-unit-invalid = Choose a unit of the list.
wrong-demand-name = There is no table of people of that name: choose one of the list.
wrong-demand-unknown = There is no table of people of that name: choose one of the list.
wrong-coverage-place = A report is about the whole map: leave out place and words.
wrong-coverage-distance = A distance is more than 0 and at most 310 miles.
wrong-coverage-organizations = Ask for 1 to 10 organizations.
wrong-coverage-rings = A report has 1 to 8 rings, each farther and no heavier than the one before, with weights over 0 up to 1.
wrong-coverage-languages = A report compares at most 32 languages.
wrong-coverage-assumed-places = An open provider without a count stands for at least one place.
wrong-coverage-denied = These reports are not for this account: sign in with another one.
wrong-coverage-busy = Other reports are made just now. Nothing you typed was lost: try again in a minute.
wrong-coverage-no-history = Reports of the past cannot be made now, because the history of capacity and listings cannot be written. The directory’s operator has to restart it. Reports of now work.
wrong-coverage-failed = The report failed. Nothing you typed was lost: try again.
