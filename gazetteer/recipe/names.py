"""Names no package holds: other words for countries, retired county codes, points of tiny islands."""

# Other English (and a few own) names people type, beside the package's name and the ISO codes.
COUNTRY_ALIASES = {
    "AE": ["UAE", "Emirates"],
    "BA": ["Bosnia"],
    "BQ": ["Bonaire", "Caribbean Netherlands"],
    "CC": ["Keeling Islands"],
    "CD": ["DRC", "DR Congo", "Congo-Kinshasa", "Congo, Democratic Republic of the", "Zaire",
           "Democratic Republic of Congo"],
    "CG": ["Congo-Brazzaville", "Congo, Republic of the"],
    "CI": ["Côte d'Ivoire"],
    "CN": ["People's Republic of China", "PRC"],
    "CV": ["Cape Verde"],
    "CZ": ["Czech Republic"],
    "DO": ["República Dominicana"],
    "ES": ["España"],
    "FK": ["Malvinas"],
    "FM": ["Federated States of Micronesia"],
    "GB": ["UK", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland"],
    "GM": ["The Gambia"],
    "GN": ["Guinea-Conakry"],
    "HT": ["Haïti"],
    "IR": ["Iran, Islamic Republic of"],
    "KP": ["DPRK"],
    "KR": ["Korea", "Republic of Korea", "Korea, Republic of"],
    "LA": ["Lao People's Democratic Republic"],
    "MD": ["Moldova, Republic of", "Republic of Moldova"],
    "MK": ["Macedonia"],
    "MM": ["Burma"],
    "MO": ["Macau"],
    "MX": ["México"],
    "NL": ["Netherlands", "Holland"],
    "PA": ["Panamá"],
    "PE": ["Perú"],
    "PS": ["Palestine", "West Bank", "Gaza"],
    "RU": ["Russian Federation"],
    "SH": ["Saint Helena, Ascension and Tristan da Cunha"],
    "SY": ["Syrian Arab Republic"],
    "SZ": ["Swaziland"],
    "TL": ["East Timor"],
    "TR": ["Türkiye", "Turkiye"],
    "TW": ["Republic of China"],
    "TZ": ["United Republic of Tanzania", "Tanzania, United Republic of"],
    "US": ["United States of America", "U.S.A.", "America", "Estados Unidos"],
    "VA": ["Holy See", "Vatican City"],
    "VE": ["Venezuela, Bolivarian Republic of", "Bolivarian Republic of Venezuela"],
    "VN": ["Viet Nam"],
}

# Countries with neither a polygon in world-atlas nor their capital among GeoNames' places.
# AN and CS are withdrawn codes that old feeds still hold.
COUNTRY_POINTS = {
    "AN": (12.11, -68.93),  # Willemstad
    "BQ": (12.15, -68.27),  # Kralendijk
    "BV": (-54.42, 3.36),
    "CS": (44.80, 20.47),  # Belgrade
    "TK": (-9.17, -171.83),
    "UM": (19.28, 166.65),  # Wake Island
}

STATES = {
    "01": ("AL", "Alabama"), "02": ("AK", "Alaska"), "04": ("AZ", "Arizona"),
    "05": ("AR", "Arkansas"), "06": ("CA", "California"), "08": ("CO", "Colorado"),
    "09": ("CT", "Connecticut"), "10": ("DE", "Delaware"), "11": ("DC", "District of Columbia"),
    "12": ("FL", "Florida"), "13": ("GA", "Georgia"), "15": ("HI", "Hawaii"),
    "16": ("ID", "Idaho"), "17": ("IL", "Illinois"), "18": ("IN", "Indiana"), "19": ("IA", "Iowa"),
    "20": ("KS", "Kansas"), "21": ("KY", "Kentucky"), "22": ("LA", "Louisiana"),
    "23": ("ME", "Maine"), "24": ("MD", "Maryland"), "25": ("MA", "Massachusetts"),
    "26": ("MI", "Michigan"), "27": ("MN", "Minnesota"), "28": ("MS", "Mississippi"),
    "29": ("MO", "Missouri"), "30": ("MT", "Montana"), "31": ("NE", "Nebraska"),
    "32": ("NV", "Nevada"), "33": ("NH", "New Hampshire"), "34": ("NJ", "New Jersey"),
    "35": ("NM", "New Mexico"), "36": ("NY", "New York"), "37": ("NC", "North Carolina"),
    "38": ("ND", "North Dakota"), "39": ("OH", "Ohio"), "40": ("OK", "Oklahoma"),
    "41": ("OR", "Oregon"), "42": ("PA", "Pennsylvania"), "44": ("RI", "Rhode Island"),
    "45": ("SC", "South Carolina"), "46": ("SD", "South Dakota"), "47": ("TN", "Tennessee"),
    "48": ("TX", "Texas"), "49": ("UT", "Utah"), "50": ("VT", "Vermont"), "51": ("VA", "Virginia"),
    "53": ("WA", "Washington"), "54": ("WV", "West Virginia"), "55": ("WI", "Wisconsin"),
    "56": ("WY", "Wyoming"), "60": ("AS", "American Samoa"), "66": ("GU", "Guam"),
    "69": ("MP", "Northern Mariana Islands"), "72": ("PR", "Puerto Rico"),
    "78": ("VI", "U.S. Virgin Islands"),
}

TERRITORIES = {"AS", "GU", "MP", "PR", "VI"}

# County codes that are not in us-atlas 3.0.1 -> the county there that holds the same ground.
# Connecticut's planning regions (09110-09190) are spread over counties by people, in counties.py.
RETIRED_COUNTIES = {
    "02063": "02261",  # Chugach, split from Valdez-Cordova in 2019
    "02066": "02261",  # Copper River, likewise
    "02270": "02158",  # Wade Hampton, now Kusilvak
    "12025": "12086",  # Dade, now Miami-Dade
    "46113": "46102",  # Shannon, now Oglala Lakota
    "51515": "51019",  # Bedford city, now in Bedford County
    "51560": "51005",  # Clifton Forge city, now in Alleghany County
    "51780": "51083",  # South Boston city, now in Halifax County
}

# County names that the atlas shortens and GeoNames no longer lists.
COUNTY_NAMES = {"02261": "Valdez-Cordova Census Area"}

# GeoNames ids of places whose name there is not the one people write.
PLACE_NAMES = {5128581: "New York"}  # "New York City"

# Cities of several counties whose postal names do not show it.
CITY_COUNTIES = {("NY", "New York"): ["36005", "36047", "36061", "36081", "36085"]}
