//! Text, place and live capacity, searchable.
