#!/usr/bin/env bash
# Saves a picture of the screen once the app has drawn its window: picture.sh APP FILE.png
# Runs inside session.sh. "Drawn" means that the window is there and two pictures in a row, half a
# second apart, are equal and not of one colour only.
set -euo pipefail
: "${TRACENET_SESSION:?picture.sh works only inside tests/desktop/session.sh}"

app=$1 file=$2 shots=$TRACENET_SESSION/shots
mkdir "$shots"
"$app" >"$TRACENET_SESSION/log/app" 2>&1 &
pid=$!

last=
for _ in $(seq 120); do
    sleep 0.5
    kill -0 "$pid" 2>/dev/null || { tail -n 20 "$TRACENET_SESSION/log/app" >&2; exit 1; }
    xdotool search --onlyvisible --pid "$pid" >/dev/null 2>&1 || continue
    import -window root "$shots/now.png"
    [ "$(identify -format %k "$shots/now.png")" -gt 1 ] || continue
    # Of the pixels alone: the file itself carries the time of day.
    now=$(identify -format '%#' "$shots/now.png")
    [ "$now" != "$last" ] || { mv "$shots/now.png" "$file" && exit 0; }
    last=$now
done
echo "picture.sh: nothing was drawn within a minute" >&2
tail -n 20 "$TRACENET_SESSION/log/app" >&2
exit 1
