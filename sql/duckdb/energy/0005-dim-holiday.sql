-- Public holidays of the place that the meters are in, by its local date, as far ahead as they are known.
CREATE TABLE IF NOT EXISTS mart.dim_holiday (
  date DATE NOT NULL PRIMARY KEY,
  name VARCHAR NOT NULL
);
