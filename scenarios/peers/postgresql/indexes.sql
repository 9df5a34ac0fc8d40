-- Built after the rows are in. No index on capacity: it changes too often, and chooses too little.
CREATE INDEX offer_service ON offer (service);
CREATE INDEX offer_words ON offer USING gin (words) WITH (fastupdate = off);
CREATE INDEX offer_codes ON offer USING gin (codes) WITH (fastupdate = off);
CREATE INDEX offer_languages ON offer USING gin (languages) WITH (fastupdate = off);
CREATE INDEX offer_areas ON offer USING gin (areas) WITH (fastupdate = off);
CREATE INDEX offer_far_areas ON offer USING gin (areas) WITH (fastupdate = off) WHERE far;
CREATE INDEX offer_home ON offer USING gin (home) WITH (fastupdate = off);
CREATE INDEX offer_geog ON offer USING gist (geog);
CREATE INDEX offer_geog_radius ON offer USING gist (geog) WHERE area_m IS NOT NULL;
ALTER TABLE offer ALTER COLUMN codes SET STATISTICS 1000;
ALTER TABLE offer ALTER COLUMN areas SET STATISTICS 1000;
ALTER TABLE offer ALTER COLUMN home SET STATISTICS 1000;
ALTER TABLE offer ALTER COLUMN words SET STATISTICS 1000;
ALTER TABLE offer ALTER COLUMN geog SET STATISTICS 1000;
