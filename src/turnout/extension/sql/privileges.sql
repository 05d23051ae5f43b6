-- Nobody may do anything that was not granted, but for what stands here. The extension makes no roles:
-- docs/how-to/grant.md has the grants of a role that predicts, and of one that trains.

grant usage on schema pgml to public;
revoke execute on all functions in schema pgml from public;
