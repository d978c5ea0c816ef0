#!/usr/bin/env bash
# Draws every picture of this folder from its SVG. Needs librsvg2-bin and imagemagick; the results are
# kept in the repository, so nobody has to run this who does not change a drawing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

drawn() { rsvg-convert --width "$2" --height "$2" "$1.svg" --output "$3"; }

drawn icon 32 32x32.png
drawn icon 128 128x128.png
drawn icon 256 128x128@2x.png
drawn icon 512 icon.png
drawn tray 32 tray.png
drawn tray-waiting 32 tray-waiting.png

sizes=$(mktemp -d)
trap 'rm -rf "$sizes"' EXIT
for size in 16 24 32 48 64 256; do drawn icon "$size" "$sizes/$size.png"; done
/usr/bin/convert "$sizes"/{16,24,32,48,64,256}.png icon.ico
