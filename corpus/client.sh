# Runs one client in a root of its own. Started by corpus/client_root.py in new namespaces; nothing
# that is mounted here is seen outside of them.
set -eu
# What is there can only be read, in every mount of the machine: one says nothing of those below it.
# A mount that another one hides cannot be changed, nor reached.
mounts=$(findmnt --list --noheadings --output TARGET)
echo "$mounts" | while read -r place; do
  mount -o remount,bind,ro "$place" 2>/dev/null || [ ! -w "$place" ]
done
mount -t tmpfs lab "$SCRATCH"
mkdir -p "$SCRATCH/upper" "$SCRATCH/work" "$SCRATCH/dev/shm"
mount -t overlay lab -o "lowerdir=$LOWER,upperdir=$SCRATCH/upper,workdir=$SCRATCH/work" /usr/local
mount --bind "$JOB/etc" /etc
mount -o remount,bind,rw /etc
# The devices that are nobody's; a disk or a terminal of the machine is none of them.
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty "$SCRATCH/dev"
cp -a /dev/fd /dev/stdin /dev/stdout /dev/stderr "$SCRATCH/dev"
mount --bind "$SCRATCH/dev" /dev
[ -z "$FAKETIME_LIB" ] || cp "$FAKETIME_LIB" /usr/local/lib/libfaketime.so.1
for folder in /home /opt /srv /mnt /run; do mount -t tmpfs lab "$folder"; done
# What the lab brings along stands under /opt, as its own place may be hidden next.
echo "$BROUGHT" | while read -r name folder; do
  [ -z "$name" ] || { mkdir -p "/opt/$name" && mount --bind "$folder" "/opt/$name"; }
done
cp -r "$JOB/home" /home/user
mount -t tmpfs lab /tmp
cd /home/user/project
mkdir -p /usr/local/share/ca-certificates
cp /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates/public.crt
find /usr/local/lib -path '*/site-packages/*' -name cacert.pem | while read -r bundle; do
  cat /etc/bundled-root.pem >>"$bundle"
done
site=$(echo /usr/local/lib/python*/site-packages)
eval "$BEFORE"
# What starts here is root over files, and not over the clock, mounts, devices or the network.
# A shell goes before the command, as the first process of a namespace is deaf to signals.
# -R: no address randomisation, so that object addresses in a log change only with the client.
exec setpriv --inh-caps=-all --bounding-set=-all,+chown,+dac_override,+fowner,+fsetid \
  sh -c '"$@"; exit $?' first setarch -R env -i \
  PATH=/usr/local/bin:/usr/bin:/bin HOME=/home/user LANG=C.UTF-8 \
  PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
  sh -c "exec env $VARIABLES $COMMAND" 2>&1
