# Runs one client in a root of its own. Started by corpus/client_root.py in a new mount namespace;
# nothing that is mounted here is seen outside of it.
set -eu
mount -t tmpfs lab "$SCRATCH"
mkdir "$SCRATCH/upper" "$SCRATCH/work"
mount -t overlay lab -o "lowerdir=$LOWER,upperdir=$SCRATCH/upper,workdir=$SCRATCH/work" /usr/local
mount --bind "$JOB/etc" /etc
[ -z "$FAKETIME_LIB" ] || cp "$FAKETIME_LIB" /usr/local/lib/libfaketime.so.1
for folder in /home /opt /srv /mnt; do mount -t tmpfs lab "$folder"; done
# What the lab brings along stands under /opt, as its own place may be hidden next.
echo "$BROUGHT" | while read -r name folder; do
  [ -z "$name" ] || { mkdir -p "/opt/$name" && mount --bind "$folder" "/opt/$name"; }
done
cp -r "$JOB/home" /home/user
mount -t tmpfs lab /tmp
mount -o remount,bind,ro /
cd /home/user/project
mkdir -p /usr/local/share/ca-certificates
cp /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates/public.crt
find /usr/local/lib -path '*/site-packages/*' -name cacert.pem | while read -r bundle; do
  cat /etc/bundled-root.pem >>"$bundle"
done
site=$(echo /usr/local/lib/python*/site-packages)
eval "$BEFORE"
# -R: no address randomisation, so that object addresses in a log change only with the client.
exec setarch -R env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/home/user LANG=C.UTF-8 \
  PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
  sh -c "exec env $VARIABLES $COMMAND" 2>&1
