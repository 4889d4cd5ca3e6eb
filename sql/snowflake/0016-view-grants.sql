-- Views that show no single customer are for readers; runs with their errors come with the right to see customers. Of ml, where
-- materialize puts the newest row of every entity, readers get two views by name and none of those that will be made.
GRANT SELECT ON VIEW ml.live_models TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW ml.view_freshness TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.drift_latest TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.quality_findings TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.quality_days TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.quality_now TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.warehouse_credits TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.query_tag_credits TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.query_tag_work TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.role_credits TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.task_runs TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.stale_views TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.load_freshness TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.table_changes TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.materialize_runs TO ROLE <% prefix %>_CUSTOMER_DATA;
