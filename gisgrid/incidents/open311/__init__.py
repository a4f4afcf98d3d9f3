"""Citizens' apps: what the public specification Open311 GeoReport v2 says, in JSON and XML, word for word."""
