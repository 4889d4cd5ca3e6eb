SELECT date, year, month, weekday, is_weekend, is_holiday, holiday, _loaded_at
FROM raw.calendar
