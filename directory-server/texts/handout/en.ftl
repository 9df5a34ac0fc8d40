# The hand-out for clients, in English.
# This file needs a native speaker's review. Until it had one, `review` below is printed on every
# hand-out; when it had one, write who and when here, and make the text `review = { "" }`.

## The sheet
title = Places that can help you
near = Near { $place }
date-of-data = This list is from { $date }. Places can fill up. Call before you go.
shown = { $total ->
    [one] 1 place fits this need.
   *[other] { $total } places fit this need. This sheet shows { $shown }.
}
nothing = We found nothing for this need now. Ask the person who gave you this sheet what to do next.
scan = To see the newest list, scan this code with a phone, or type this address:
qr = QR code. It opens the address written beside it.
provider-decides = Each place decides whom it can help. A place on this list is not a recommendation.
as-published = Names and descriptions are printed as each place wrote them.
not-about-you = Nothing on this sheet says who you are.
review = A native speaker has not yet checked the English words on this sheet.

## A place
call = Call
no-phone = No phone number is published.
web = Web site
address = Address
address-hidden = The address is kept private. Call first. Area: { $area }
distance = { $miles ->
    [one] about 1 mile away
   *[other] about { $miles } miles away
}
hours = Open
languages = Languages
start = How to start
bring = Bring
cost = Cost
free = Free

## How full it is
state-open = Took new people on { $date }
state-limited = Had a few places left on { $date }
state-assess = Takes new people after a talk, on { $date }
state-waitlist = Had a waiting list on { $date }
state-window = Takes new people at certain times only, on { $date }
state-paused = Took nobody for a time, on { $date }
state-closed = Took nobody on { $date }
state-stale = We do not know if there is room. Call first.
state-unknown = We do not know if there is room. Call first.

## Dates, hours, lists
date = { $month } { $day }, { $year }
time = { $hour }:{ $minute } { $half ->
    [am] AM
   *[pm] PM
}
hours-line = { $days }: { $opens } to { $closes }
days-range = { $from } to { $to }
list = { $before }, { $after }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
day-mo = Monday
day-tu = Tuesday
day-we = Wednesday
day-th = Thursday
day-fr = Friday
day-sa = Saturday
day-su = Sunday

## Needs, by their codes
need-any = Help of any kind
need-dom-leg = Immigration lawyer or legal help
need-lc-asy-aff = Lawyer: asylum, no court case
need-lc-asy-def = Lawyer: asylum in immigration court
need-lc-bond = Lawyer: bond, or release from detention
need-lc-rem-def = Lawyer: defense against deportation
need-lc-ead-asy = Lawyer: work permit while asylum is pending
need-lc-tps = Lawyer: temporary protected status (TPS)
need-dom-oleg = Other legal help: housing, family, benefits
need-dom-mhp = Help with stress, grief or fear
need-dom-hou = A place to live
need-ho-es = A place to sleep tonight
need-dom-voc = Work and job training
need-dom-edu = School and English classes
need-dom-med = A doctor
need-dom-fme = A medical report for an asylum case
need-dom-dir = Food, money, clothes, transport
need-da-food = Food
need-dom-cas = Someone who helps to arrange things
need-dom-ori = Getting to know the country
need-dom-int = Interpreter or translation
need-dom-bor = Shelter at the border or after release
need-dom-rri = Safe return
need-dom-oth = Other help

## Languages, by their codes
language-en = English
language-es = Spanish
language-ht = Haitian Creole
language-ar = Arabic
language-prs = Dari
language-ps = Pashto
language-fr = French
language-pt = Portuguese
language-ru = Russian
language-uk = Ukrainian
language-zh = Chinese
language-pa = Punjabi
language-mam = Mam
language-sw = Swahili
