-- UTC days, one row each. `weekday` is 1 (Monday) to 7 (Sunday), `week` and `week_year` are those of ISO 8601.
CREATE TABLE IF NOT EXISTS mart.dim_time (
  date DATE NOT NULL,
  year NUMBER(10, 0) NOT NULL,
  quarter NUMBER(10, 0) NOT NULL,
  month NUMBER(10, 0) NOT NULL,
  day NUMBER(10, 0) NOT NULL,
  week_year NUMBER(10, 0) NOT NULL,
  week NUMBER(10, 0) NOT NULL,
  weekday NUMBER(10, 0) NOT NULL,
  is_weekend BOOLEAN NOT NULL
);
