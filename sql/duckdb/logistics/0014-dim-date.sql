-- UTC days. `weekday` is 1 (Monday) to 7 (Sunday); a holiday is a public one of all regions.
CREATE TABLE IF NOT EXISTS mart.dim_date (
  date DATE NOT NULL PRIMARY KEY,
  year INTEGER NOT NULL,
  month INTEGER NOT NULL,
  weekday INTEGER NOT NULL,
  is_weekend BOOLEAN NOT NULL,
  is_holiday BOOLEAN NOT NULL,
  holiday VARCHAR
);
