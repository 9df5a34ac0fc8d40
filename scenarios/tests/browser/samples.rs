//! Listings to look at: ordinary ones, awkward ones, and many.

use referral_core::capacity::Stated;

use crate::listing::Listing;

/// Services in every state, with names and texts as they come.
pub(crate) fn varied() -> Vec<Listing> {
    ordinary().into_iter().chain(awkward()).collect()
}

fn ordinary() -> [Listing; 7] {
    [
        Listing::new("bed", "Emergency shelter for families")
            .of("name", "Harbor House")
            .of("website", "https://harbor.example/")
            .at("100 Light St", "21202")
            .offers("ho:es")
            .speaks("es")
            .speaks("ht")
            .with(
                "description",
                "Rooms for families with children, with meals and a case worker on site.",
            )
            .with("eligibility_description", "Families with children under 18")
            .with(
                "application_process",
                "Call before you come; walk-ins are turned away after 8 pm",
            )
            .with("fees_description", "Free")
            .with("assured_date", "2026-03-01")
            .phone("(410) 555-0100", "12", "intake, day and night")
            .phone("+1 410 555 0199", "", "")
            .reported(Stated::Limited, Some((3, 24)), 2),
        Listing::new("clinic", "Asylum clinic")
            .of("name", "Chesapeake Legal Aid")
            .at("201 N Charles St", "21201")
            .offers("lc:asy-def")
            .offers("dom:leg")
            .speaks("es")
            .with("alert", "Closed on May 25 for the holiday.")
            .phone("1-800-GOODDAY", "", "")
            .reported(Stated::Open, None, 30),
        Listing::new("waiting", "English classes, evenings")
            .of("name", "Learning Exchange")
            .at("1 E Pratt St", "21202")
            .offers("dom:edu")
            .phone("410-555-0101 or 0102", "", "")
            .reported(Stated::Waitlist, None, 26),
        Listing::new("silent", "Food pantry")
            .of("name", "St. Mary’s")
            .at("400 E Fayette St", "21202")
            .offers("da:food"),
        Listing::new("stale", "Cots in the church hall")
            .of("name", "St. Mary’s")
            .at("400 E Fayette St", "21202")
            .offers("ho:es")
            .reported(Stated::Open, Some((5, 10)), 72),
        Listing::new("full", "Room for women")
            .of("name", "Safe Rooms")
            .at("12 Secret Ln", "21202")
            .confidential()
            .offers("ho:es")
            .phone("410-555-0107", "", "hotline")
            .reported(Stated::Limited, Some((2, 9)), 1),
        Listing::new("closed", "Work permit workshop")
            .of("name", "Job Link")
            .at("7 W Lombard St", "21201")
            .offers("lc:ead-asy")
            .reported(Stated::Closed, None, 5),
    ]
}

/// A name in another direction, and texts that fit nowhere.
fn awkward() -> [Listing; 2] {
    [
        Listing::new("arabic", "مركز المساعدة القانونية لطالبي اللجوء")
            .of("name", "جمعية المرفأ")
            .at("9 N Calvert St", "21202")
            .offers("dom:leg")
            .speaks("ar")
            .with("description", "مساعدة قانونية مجانية لطالبي اللجوء (I-589) وعائلاتهم.")
            .phone("410-555-0108", "", "")
            .reported(Stated::Open, None, 4),
        Listing::new(
            "long",
            "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch-Zusammenführungsberatungsstelle \
             for the Reunification of Families Separated at a Border, and Orientation for Newcomers",
        )
        .of("name", &"Verein_für_Flüchtlingshilfe_".repeat(8))
        .of("website", "https://a-very-long-host-name-without-any-break-in-it.example/")
        .at(&"Boulevard of the Unknown Cartographer ".repeat(4), "21202")
        .offers("dom:cas")
        .with("description", &"Hilfe ".repeat(80))
        .reported(Stated::Open, Some((1_000_000, 1_000_000)), 1),
    ]
}

/// `number` services called alike.
pub(crate) fn many(number: usize) -> Vec<Listing> {
    (0..number)
        .map(|n| {
            Listing::new(&format!("s{n}"), &format!("Bed number {n}"))
                .at("100 Light St", "21202")
                .with(
                    "description",
                    &"A room with a bed, a desk and a window. ".repeat(12),
                )
                .with(
                    "eligibility_description",
                    &"Whoever needs a bed for tonight. ".repeat(12),
                )
                .with(
                    "application_process",
                    &"Call first, then come by before eight. ".repeat(12),
                )
                .phone("(410) 555-0100", "12", "intake, day and night")
                .phone("(410) 555-0101", "13", "evenings")
                .speaks("es")
                .reported(Stated::Open, Some((3, 24)), 1)
        })
        .collect()
}
