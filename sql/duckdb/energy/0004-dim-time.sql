-- UTC days. `weekday` is 1 (Monday) to 7 (Sunday), `week` and `week_year` are those of ISO 8601.
CREATE TABLE IF NOT EXISTS mart.dim_time (
  date DATE NOT NULL PRIMARY KEY,
  year INTEGER NOT NULL,
  quarter INTEGER NOT NULL,
  month INTEGER NOT NULL,
  day INTEGER NOT NULL,
  week_year INTEGER NOT NULL,
  week INTEGER NOT NULL,
  weekday INTEGER NOT NULL,
  is_weekend BOOLEAN NOT NULL
);
