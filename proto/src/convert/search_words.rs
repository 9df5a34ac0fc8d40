//! The enums of a search. Zero is "not given": it comes back as `None`.

use referral_core::search::{Access, Custody, Fee, Immigration, WorkPermit};

use crate::v1;

/// Both directions of an enum whose zero says nothing.
macro_rules! optional_enum {
    ($core:ident, $($value:ident = $wire:ident),+ $(,)?) => {
        impl From<$core> for v1::$core {
            fn from(value: $core) -> Self {
                match value {
                    $($core::$value => Self::$wire,)+
                }
            }
        }

        impl From<v1::$core> for Option<$core> {
            fn from(wire: v1::$core) -> Self {
                match wire {
                    v1::$core::Unspecified => None,
                    $(v1::$core::$wire => Some($core::$value),)+
                }
            }
        }
    };
}

optional_enum!(Access, Any = Any, InPerson = InPerson, Remote = Remote);
optional_enum!(Fee, Free = Free, LowCost = LowCost);
optional_enum!(
    Custody,
    NotDetained = NotDetained,
    Detained = Detained,
    FederalShelter = FederalShelter,
    Alternatives = Alternatives,
    Released = Released,
);
optional_enum!(
    Immigration,
    AsylumSeeker = AsylumSeeker,
    Parolee = Parolee,
    Asylee = Asylee,
    Refugee = Refugee,
    SpecialVisa = SpecialVisa,
    TraffickingCertified = TraffickingCertified,
    WithoutStatus = WithoutStatus,
);
optional_enum!(WorkPermit, Before = Before, After = After);
