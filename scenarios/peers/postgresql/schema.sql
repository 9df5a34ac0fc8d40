-- One row an offer, flat: no join is needed to answer a search.
CREATE EXTENSION IF NOT EXISTS postgis;

CREATE TABLE offer (
    service     bigint   NOT NULL,
    turn        bigint   NOT NULL,
    geog        geography(Point, 4326),
    far         boolean  NOT NULL,
    remote      boolean  NOT NULL,
    stated      boolean  NOT NULL,
    areas       integer[] NOT NULL,
    area_m      float8,
    home        integer[] NOT NULL,
    codes       integer[] NOT NULL,
    sure        integer[] NOT NULL,
    languages   integer[] NOT NULL,
    capacity    integer  NOT NULL,
    worth       float8   NOT NULL,
    observed_at bigint,
    ttl         integer  NOT NULL,
    facets      integer[] NOT NULL,
    words       tsvector NOT NULL
) WITH (fillfactor = 90); -- room for new states of capacity beside the old (heap-only updates)

-- Arrays are read on every query: keep them in the row, uncompressed.
ALTER TABLE offer ALTER COLUMN codes SET STORAGE PLAIN;
ALTER TABLE offer ALTER COLUMN facets SET STORAGE PLAIN;
ALTER TABLE offer ALTER COLUMN languages SET STORAGE PLAIN;
