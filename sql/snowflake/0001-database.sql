-- One database for everything. Dropped rows can be read again for `retention_days`.
CREATE DATABASE IF NOT EXISTS <% database %>;
ALTER DATABASE <% database %> SET DATA_RETENTION_TIME_IN_DAYS = <% retention_days %>;
