-- What may be written, table by table. Histories (definitions, audit log, moves of aliases, quality results) can only be added to.
GRANT SELECT, INSERT, UPDATE ON TABLE registry.registered_models TO ROLE <% prefix %>_REGISTRY_WRITE;
GRANT SELECT, INSERT, UPDATE ON TABLE registry.model_versions TO ROLE <% prefix %>_REGISTRY_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE registry.model_tags TO ROLE <% prefix %>_REGISTRY_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE registry.model_aliases TO ROLE <% prefix %>_REGISTRY_WRITE;
GRANT SELECT, INSERT ON TABLE registry.model_alias_moves TO ROLE <% prefix %>_REGISTRY_WRITE;
GRANT SELECT, INSERT, UPDATE ON TABLE registry.rollouts TO ROLE <% prefix %>_REGISTRY_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE registry.rollout_evidence TO ROLE <% prefix %>_REGISTRY_WRITE;
-- The processes that serve write what they see of the versions of a roll-out, and nothing else.
GRANT SELECT, INSERT, UPDATE ON TABLE registry.rollout_evidence TO ROLE <% prefix %>_ROLLOUT_EVIDENCE;
GRANT SELECT, INSERT ON TABLE catalog.definitions TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT ON TABLE catalog.audit_log TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT ON TABLE catalog.quality_results TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE ON TABLE catalog.runs TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE ON TABLE catalog.schema_versions TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE catalog.view_states TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE catalog.newest_rows TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE catalog.leases TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE ON TABLE catalog.schedule_slots TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE catalog.schedule_steps TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE catalog.jobs TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE catalog.job_attempts TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE catalog.alert_states TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE catalog.muted_columns TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE catalog.alert_outbox TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, DELETE ON TABLE catalog.checkpoints TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, DELETE ON TABLE catalog.lineage TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE ON TABLE loads_internal.steps TO ROLE <% prefix %>_LOADS_WRITE;
GRANT SELECT, INSERT, DELETE ON TABLE monitoring.reference_profiles TO ROLE <% prefix %>_MONITORING_WRITE;
GRANT SELECT, INSERT, DELETE ON TABLE monitoring.drift_results TO ROLE <% prefix %>_MONITORING_WRITE;
GRANT SELECT, INSERT, UPDATE ON TABLE monitoring.writers TO ROLE <% prefix %>_MONITORING_WRITE;
GRANT SELECT, INSERT ON TABLE monitoring.quality_results TO ROLE <% prefix %>_MONITORING_WRITE;
-- Monitors write whether they alert, and what is to be told of it.
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE catalog.alert_states TO ROLE <% prefix %>_MONITORING_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE catalog.muted_columns TO ROLE <% prefix %>_MONITORING_WRITE;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE catalog.alert_outbox TO ROLE <% prefix %>_MONITORING_WRITE;
GRANT SELECT, INSERT ON TABLE catalog.lineage TO ROLE <% prefix %>_REGISTRY_WRITE;
GRANT SELECT, INSERT ON TABLE catalog.audit_log TO ROLE <% prefix %>_REGISTRY_WRITE;
GRANT SELECT, INSERT, UPDATE ON TABLE catalog.write_lock TO ROLE <% prefix %>_CATALOG_WRITE;
GRANT SELECT, INSERT, UPDATE ON TABLE catalog.write_lock TO ROLE <% prefix %>_REGISTRY_WRITE;

-- Taking a lease: the lease itself, the runs of a process that died, and a word about it in the audit log.
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE catalog.leases TO ROLE <% prefix %>_CATALOG_LEASE;
GRANT UPDATE ON TABLE catalog.runs TO ROLE <% prefix %>_CATALOG_LEASE;
GRANT INSERT ON TABLE catalog.audit_log TO ROLE <% prefix %>_CATALOG_LEASE;
GRANT SELECT, INSERT, UPDATE ON TABLE catalog.write_lock TO ROLE <% prefix %>_CATALOG_LEASE;

-- What may be read of catalog and monitoring without seeing customers: definitions and how far views are, and verdicts about whole columns.
GRANT SELECT ON TABLE catalog.definitions TO ROLE <% prefix %>_CATALOG_READ;
GRANT SELECT ON TABLE catalog.audit_log TO ROLE <% prefix %>_CATALOG_READ;
GRANT SELECT ON TABLE catalog.schema_versions TO ROLE <% prefix %>_CATALOG_READ;
GRANT SELECT ON TABLE catalog.view_states TO ROLE <% prefix %>_CATALOG_READ;
GRANT SELECT ON TABLE catalog.newest_rows TO ROLE <% prefix %>_CATALOG_READ;
GRANT SELECT ON TABLE catalog.leases TO ROLE <% prefix %>_CATALOG_READ;
GRANT SELECT ON TABLE catalog.checkpoints TO ROLE <% prefix %>_CATALOG_READ;
GRANT SELECT ON TABLE catalog.job_attempts TO ROLE <% prefix %>_CATALOG_READ;
GRANT SELECT ON TABLE catalog.muted_columns TO ROLE <% prefix %>_CATALOG_READ;
GRANT SELECT ON TABLE catalog.lineage TO ROLE <% prefix %>_CATALOG_READ;
GRANT SELECT ON TABLE monitoring.drift_results TO ROLE <% prefix %>_MONITORING_READ;
-- What quotes single values, as examples, in errors or as categories, comes with the right to see customers.
GRANT SELECT ON TABLE catalog.runs TO ROLE <% prefix %>_CUSTOMER_DATA;
GRANT SELECT ON TABLE catalog.schedule_slots TO ROLE <% prefix %>_CUSTOMER_DATA;
GRANT SELECT ON TABLE catalog.schedule_steps TO ROLE <% prefix %>_CUSTOMER_DATA;
GRANT SELECT ON TABLE catalog.jobs TO ROLE <% prefix %>_CUSTOMER_DATA;
GRANT SELECT ON TABLE catalog.alert_states TO ROLE <% prefix %>_CUSTOMER_DATA;
GRANT SELECT ON TABLE catalog.alert_outbox TO ROLE <% prefix %>_CUSTOMER_DATA;
GRANT SELECT ON TABLE catalog.quality_results TO ROLE <% prefix %>_CUSTOMER_DATA;
GRANT SELECT ON TABLE monitoring.quality_results TO ROLE <% prefix %>_CUSTOMER_DATA;
GRANT SELECT ON TABLE monitoring.reference_profiles TO ROLE <% prefix %>_CUSTOMER_DATA;
