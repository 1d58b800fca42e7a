#!/bin/sh
# Starts Redis with the users of users.acl and the passwords of the environment: ADMIN_PASSWORD is that of `admin`, and
# so on. Who has none keeps the one of the file. The file itself is not changed.
set -eu
here=$(dirname "$0")
users=${USERS_FILE:-/run/fairlead/users.acl}
umask 077
cp "$here/users.acl" "$users"
for user in $(sed -n 's/^user \([a-z]*\) on >.*/\1/p' "$users"); do
  name=$(printf %s "$user" | tr '[:lower:]' '[:upper:]')_PASSWORD
  password=$(printenv "$name" || true)
  case $password in
  "") continue ;;
  *[!A-Za-z0-9_-]*)
    echo "$name: a password here has letters, digits, _ and - only, since it also stands in addresses" >&2
    exit 2
    ;;
  esac
  sed -i "s/^user $user on >[^ ]*/user $user on >$password/" "$users"
done
set -- redis-server "$here/redis.conf" --aclfile "$users" "$@"
if [ "$(id -u)" = 0 ] && command -v docker-entrypoint.sh >/dev/null; then  # it goes on as the user redis
  chown redis "$users"
  set -- docker-entrypoint.sh "$@"
fi
exec "$@"
