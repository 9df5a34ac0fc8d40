# The fixed texts of the directory's pages, in English.

## On every page
directory = Referral directory
sign-in = Sign in
coverage = Coverage
leave = Leave this page quickly
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
travel-busy = Too many people search at once. Nothing you typed was lost: try again in a few seconds.
travel-failed = The search failed. Nothing you typed was lost: try again.
travel-too-long = What was sent is too long, or broke off: shorten it and try again
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
pack-near-missing = Say which area: a ZIP, city, county or state
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
pack-until = Do not use this list after
pack-parts = Each part says until when it may be used: places go quickly. Call first.
pack-made = Made on
pack-count = { $services ->
    [one] 1 service.
   *[other] { $services } services.
}
pack-left-out = { $services } more did not fit in: make a pack of a smaller area.
pack-newer = A newer list:
pack-contents = Needs
pack-part-until = Do not use this part after
pack-reported = reported on
pack-above = described above
disclaimer-pack = Listed does not mean endorsed. The provider decides whom it takes. Nothing in this file is about a client.
