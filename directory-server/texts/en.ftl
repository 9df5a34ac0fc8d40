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

## Operators
operator-title = The directory’s operators
operator-denied-title = This page is for operators
operator-denied-again = You signed in too long ago for this: sign in again. Nothing was changed.
operator-denied-role = Your account is not an operator’s. Nothing was changed.
operator-denied-anybody = Sign in with an operator’s account. Nothing was changed.
operator-health = How the directory fares
operator-healthy = Nothing is wrong
operator-alerts = What stands out in the whole country
operator-clock = The machine’s clock was changed, and nobody has checked it: nobody is let in until somebody runs “directory-server clock confirm”.
operator-behind = What was published { $seconds } seconds ago is not found by searches yet.
operator-space-reserved = The disk is almost full: capacity is still accepted, listings are not.
operator-space-none = The disk is full: nothing is accepted.
operator-rebuilding = The directory is being filled again after a total loss: it does not hold everything yet.
operator-waiting = Waiting for a second person
operator-nothing-waits = Nothing waits.
operator-first = First person
operator-evidence = Evidence
operator-until = until
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
operator-no-agencies = No agency has been let in yet.
operator-agency = Agency
operator-state = State
operator-heard = Last heard from
operator-certificate = Certificate good until
operator-records = Records
operator-refused = Refused rows
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
operator-evidence-hint = Where it is: a bar number, an entry in a roster, a licence.
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
