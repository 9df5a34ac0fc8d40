//! Places: ZIP, city, county, state and country to point, county and polygon, from embedded data.
