# Sourced by clients.sh: which client did what, as the table in docs/compatibility.md shows it.
# shellcheck shell=bash

compatibility=$(dirname "$e2e")/docs/compatibility.md
columns=(push 'pull back' mount tags delete referrers catalog)
clients_seen=()
declare -A versions cells

# A step whose outcome is a cell; a cell that two steps fill is "yes" only if both passed.
does() { # CLIENT COLUMN COMMAND...
  local client=$1 column=$2 before=$failed
  shift 2
  step "$client: $column" "$@"
  if [[ $failed -gt $before ]]; then
    cells[$client/$column]=no
  else
    cells[$client/$column]=${cells[$client/$column]:-yes}
  fi
}

client() { # NAME VERSION
  clients_seen+=("$1")
  versions[$1]=${2:-unknown}
}

print_table() {
  local client column
  printf '| client | version |'
  printf ' %s |' "${columns[@]}"
  printf '\n|---|---|'
  printf -- '---|%.0s' "${columns[@]}"
  printf '\n'
  for client in "${clients_seen[@]}"; do
    printf '| %s | %s |' "$client" "${versions[$client]}"
    for column in "${columns[@]}"; do
      printf ' %s |' "${cells[$client/$column]:--}"
    done
    printf '\n'
  done
}

committed_table() {
  sed -n '/^<!-- begin clients -->$/,/^<!-- end clients -->$/ { /^<!--/d; p }' "$compatibility"
}

# The versions are whatever the machine has; what the clients could do is not.
without_versions() { # reads a table
  awk -F ' *[|] *' -v OFS=' | ' '{ $3 = ""; print }'
}

table_is_committed() {
  diff <(committed_table | without_versions) <(print_table | without_versions) >&2 || {
    echo "docs/compatibility.md says otherwise; e2e/clients.sh --table rewrites it" >&2
    return 1
  }
}

write_table() {
  local found=$state/table
  print_table >"$found"
  sed -i -e "/^<!-- begin clients -->\$/r $found" \
    -e '/^<!-- begin clients -->$/,/^<!-- end clients -->$/ { /^<!--/!d }' "$compatibility"
}
