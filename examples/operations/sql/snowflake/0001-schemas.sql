-- What the company knows (mart), what runs the platform (ops), and what checks have found (monitoring).
CREATE SCHEMA IF NOT EXISTS mart;
CREATE SCHEMA IF NOT EXISTS ops;
CREATE SCHEMA IF NOT EXISTS monitoring;
