-- UTC days. `weekday` is 1 (Monday) to 7 (Sunday); a holiday is a public one of all regions.
CREATE TABLE IF NOT EXISTS mart.dim_date (
  date DATE NOT NULL,
  year NUMBER(10, 0) NOT NULL,
  month NUMBER(10, 0) NOT NULL,
  weekday NUMBER(10, 0) NOT NULL,
  is_weekend BOOLEAN NOT NULL,
  is_holiday BOOLEAN NOT NULL,
  holiday VARCHAR
);
