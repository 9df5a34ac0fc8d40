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
