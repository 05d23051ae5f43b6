-- pg_dump takes the rows along, and the sequences, so that what is trained after a restore gets a new id.

select pg_catalog.pg_extension_config_dump('pgml.projects', '');
select pg_catalog.pg_extension_config_dump('pgml.projects_id_seq', '');
select pg_catalog.pg_extension_config_dump('pgml.snapshots', '');
select pg_catalog.pg_extension_config_dump('pgml.snapshots_id_seq', '');
select pg_catalog.pg_extension_config_dump('pgml.models', '');
select pg_catalog.pg_extension_config_dump('pgml.models_id_seq', '');
select pg_catalog.pg_extension_config_dump('pgml.files', '');
select pg_catalog.pg_extension_config_dump('pgml.files_id_seq', '');
select pg_catalog.pg_extension_config_dump('pgml.endpoints', '');
select pg_catalog.pg_extension_config_dump('pgml.endpoints_id_seq', '');
select pg_catalog.pg_extension_config_dump('pgml.deployments', '');
select pg_catalog.pg_extension_config_dump('pgml.deployments_id_seq', '');
select pg_catalog.pg_extension_config_dump('pgml.removals', '');
select pg_catalog.pg_extension_config_dump('pgml.removals_id_seq', '');
-- Neither the server processes, which end with their sessions, nor the keys that sign tokens: a restored installation
-- makes new ones.
select pg_catalog.pg_extension_config_dump('pgml.users', '');
select pg_catalog.pg_extension_config_dump('pgml.spaces', '');
select pg_catalog.pg_extension_config_dump('pgml.members', '');
select pg_catalog.pg_extension_config_dump('pgml.assets', '');
select pg_catalog.pg_extension_config_dump('pgml.asset_revisions', '');
select pg_catalog.pg_extension_config_dump('pgml.online_deployments', '');
select pg_catalog.pg_extension_config_dump('pgml.replacements', '');
select pg_catalog.pg_extension_config_dump('pgml.replacements_id_seq', '');
